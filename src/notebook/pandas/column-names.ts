/**
 * The names that pandas' `read_csv` gives columns: one without a name is "Unnamed: " and its place from 0, and of equal
 * names the second gets ".1", the third ".2".
 */
export function pandasNames(header: readonly string[]): string[] {
  const names = header.map((name, place) => (name === '' ? `Unnamed: ${place}` : name));
  const counts = new Map<string, number>();
  // Names that were given are kept before those that were not.
  const places = [...names.keys()];
  const order = [...places.filter((place) => header[place] !== ''), ...places.filter((place) => header[place] === '')];
  for (const place of order) {
    const given = names[place] ?? '';
    let name = given;
    let count = counts.get(name) ?? 0;
    while (count > 0) {
      counts.set(given, count + 1);
      name = `${given}.${count}`;
      count = names.includes(name) ? count + 1 : (counts.get(name) ?? 0);
    }
    names[place] = name;
    counts.set(name, count + 1);
  }
  return names;
}
