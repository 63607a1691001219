import { mulberry32 } from '../../dataset/sample.js';

/** Numbers of rows, from 1 to `records`, here and there; the same ones every time. */
export function randomRows(records: number, rows: number): number[] {
  const random = mulberry32(records);
  return Array.from({ length: rows }, () => 1 + Math.floor(random() * records));
}
