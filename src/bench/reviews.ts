import { mulberry32 } from '../dataset/sample.js';

/*
 * Tables to measure with: reviews about as long as people's (800 bytes a record), any number of them, the same ones for the
 * same seed, made piece by piece so that a million records need no memory. `dataset/sample.ts` is the one to look at; this
 * one is for its size.
 */

const HEADER = 'id,drugName,condition,review,rating,effectiveness,sideEffects,date\n';
/** Rows are given out in pieces of about this many bytes. */
const PIECE_BYTES = 1 << 18;

const DRUGS = ['Enalapril', 'Sertraline', 'Metformin', 'Levothyroxine', 'Lisinopril', 'Omeprazole', 'Zolpidem'];
const CONDITIONS = ['High Blood Pressure', 'Depression', 'Diabetes, Type 2', 'Insomnia', 'Migraine', 'Acid Reflux'];
const EFFECTS = ['Highly Effective', 'Considerably Effective', 'Moderately Effective', 'Ineffective'];
const SIDE_EFFECTS = ['No Side Effects', 'Mild Side Effects', 'Moderate Side Effects', 'Severe Side Effects'];
const SENTENCES = [
  'I took it every morning with breakfast for about three months.',
  'At first I felt nothing at all, then it began to work within a week.',
  'My doctor called it ""the usual choice"" and raised the dose twice.',
  'The headaches are gone, but I am tired until noon.',
  'I have tried many others, and this one is the best so far.',
  'Sleep became lighter, and I woke up at four most nights.',
  'Nausea in the first days, which went away by itself.',
  'It is expensive, so I changed to the generic form without any difference.',
  'I would not take it again; the dizziness was worse than the pain.',
  'Blood pressure went from 160/100 down to 125/80 and stays there.',
  'After six weeks my mood was steady and I could work again.',
  'Nothing changed for me — not even after the second month.',
];

/**
 * The bytes of a CSV file: a header line and `records` reviews of about 800 bytes each, in UTF-8.
 * @param records number of reviews
 * @param seed 32-bit integer that selects the text; a smaller table of the same seed is a prefix of a larger one
 */
export function* reviews(records: number, seed = 1): Generator<Uint8Array> {
  const random = mulberry32(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let piece = HEADER;
  for (let id = 1; id <= records; id++) {
    piece += review(id, below);
    if (piece.length < PIECE_BYTES) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}

function review(id: number, below: (limit: number) => number): string {
  const pick = (list: readonly string[]): string => list[below(list.length)]!;
  const two = (limit: number): string => String(1 + below(limit)).padStart(2, '0');
  // A few are as short as a sentence, most have several hundred characters, as real ones.
  const wanted = 120 + below(590) + below(590);
  let text = pick(SENTENCES);
  while (text.length < wanted) text += (below(8) === 0 ? '\n' : ' ') + pick(SENTENCES);
  const fields = [pick(DRUGS), `"${pick(CONDITIONS)}"`, `"${text}"`, 1 + below(10), pick(EFFECTS), pick(SIDE_EFFECTS)];
  return `${id},${fields.join(',')},201${below(10)}-${two(12)}-${two(28)}\n`;
}
