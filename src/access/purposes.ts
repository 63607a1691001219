import { MedsealError } from '../errors.js';

/**
 * The codes of HL7's PurposeOfUse (v3-ActReason in FHIR R4): why a record is read. A typing error would stand in the ledger
 * for ever, so others are refused.
 */
export const PURPOSES: readonly string[] = [
  ...['TREAT', 'CAREMGT', 'CLINTRL', 'COC', 'ETREAT', 'BTG', 'ERTREAT', 'POPHLTH'],
  ...['HRESCH', 'BIORCH', 'CLINTRCH', 'CLINTRCHNPC', 'CLINTRCHPC', 'PRECLINTRCH', 'DSRCH', 'POARCH', 'TRANSRCH'],
  ...['HPAYMT', 'CLMATTCH', 'COVAUTH', 'COVERAGE', 'ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG', 'REMITADV'],
  ...['HOPERAT', 'DONAT', 'FRAUD', 'GOV', 'HACCRED', 'HCOMPL', 'HDECD', 'HDIRECT', 'HDM', 'HLEGAL', 'HOUTCOMS'],
  ...['HPRGRP', 'HQUALIMP', 'HSYSADMIN', 'LABELING', 'METAMGT', 'MEMADMIN', 'MILCDM', 'PATADMIN', 'PATSFTY'],
  ...['PERFMSR', 'RECORDMGT', 'SYSDEV', 'HTEST', 'TRAIN'],
  ...['HMARKT', 'PATRQT', 'FAMRQT', 'PWATRNY', 'SUPNWK', 'PUBHLTH', 'DISASTER', 'THREAT'],
];

/** @throws {MedsealError} `ARGUMENT_INVALID` */
export function expectPurpose(purpose: string): void {
  if (PURPOSES.includes(purpose)) return;
  const known = `TREAT (treatment), ETREAT (in an emergency), HRESCH (research), CLINTRCH (a clinical trial), HPAYMT (payment), HOPERAT (operations), PATRQT (asked for by the patient), PUBHLTH (public health), HLEGAL (legal)`;
  const message = `${JSON.stringify(purpose)} is no purpose of HL7's PurposeOfUse; among them are ${known}`;
  throw new MedsealError('ARGUMENT_INVALID', message);
}
