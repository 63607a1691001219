/** A record of CSV (RFC 4180) with LF: fields are quoted where they need it; null is an empty field. */
export function csvLine(fields: readonly (string | null)[]): string {
  const line = fields.map((field) => quoted(field ?? '')).join(',');
  // A line without anything on it would be no record.
  return `${line === '' ? '""' : line}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
