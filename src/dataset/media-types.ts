const MEDIA_TYPES = ['text/csv', 'application/x-ndjson', 'application/fhir+ndjson', 'application/fhir+json'] as const;

/** What a data set's rows are (spec/records.md, "Manifest"): records of a table, lines of JSON, or FHIR resources. */
export type MediaType = (typeof MEDIA_TYPES)[number];

export function isMediaType(value: unknown): value is MediaType {
  return MEDIA_TYPES.some((type) => type === value);
}

/** Whether rows have columns, so that they can be cut into groups. */
export function isTable(mediaType: MediaType): boolean {
  return mediaType === 'text/csv';
}

/** Whether rows are FHIR R4: a resource a line, or the entries of a Bundle. */
export function isFhir(mediaType: MediaType): boolean {
  return mediaType === 'application/fhir+ndjson' || mediaType === 'application/fhir+json';
}

/** Whether rows are the entries of a FHIR Bundle, which stands around them. */
export function isBundle(mediaType: MediaType): boolean {
  return mediaType === 'application/fhir+json';
}
