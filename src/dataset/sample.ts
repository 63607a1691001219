// The data behind `medseal demo`: drug reviews that nobody wrote, about patients who do not exist. Every sentence is
// made up for this file, so the demo carries no personal data and needs no download. Real exports are awkward, so this
// one is too (quotes, line breaks, scripts, stray spaces): the demo has to return every one of these bytes.

const HEADER = 'id,drugName,rating,effectiveness,sideEffects,condition,benefitsReview,sideEffectsReview,commentsReview';
const EFFECTIVENESS = ['Ineffective', 'Marginally', 'Moderately', 'Considerably', 'Highly'] as const;
const SEVERITY = ['No', 'Mild', 'Moderate', 'Severe', 'Extremely Severe'] as const;

// A level that is listed more often is drawn more often: most reviewers are content and most complaints are small.
const EFFECT_DRAW = [0, 1, 2, 2, 3, 3, 3, 4, 4, 4] as const;
const SEVERITY_DRAW = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4] as const;
const RATING_PENALTY = [0, 0, 1, 4, 7] as const;

// Picked by eye: the first records have a view each (good, middling, bad) and show most of the difficulties.
const DEFAULT_SEED = 34087;

type Level = 0 | 1 | 2 | 3 | 4;

// Both code points for micro appear on purpose (U+00B5 sign, U+03BC Greek letter): they look the same and differ in
// bytes, so anything that normalises text gives itself away.
const DRUGS: Readonly<Record<string, readonly string[]>> = {
  'type 2 diabetes': ['metformin, 500 mg', 'Sugrevane, 10 mg'],
  migraine: ['ibuprofen, 400 mg', 'Brenvosil, 50 mg'],
  'high blood pressure': ['lisinopril, 10 mg', 'Quillotane, 80 mg'],
  insomnia: ['melatonin, 3 mg', 'Nyxorelle, 7.5 mg'],
  'underactive thyroid': ['levothyroxine, 75 \u00b5g', 'Tyrvanelle, 50 \u03bcg'],
  'hay fever': ['cetirizine, 10 mg', 'Oskavine, 5 mg'],
  'acid reflux': ['omeprazole, 20 mg', 'Wuldoxane, 40 mg'],
  depression: ['sertraline, 50 mg', 'Zelquidone, 15 mg'],
  'Ménière’s disease': ['betahistine, 16 mg', 'Vestorquil, 250 \u00b5g'],
};

// For each condition: what is felt, and a measure of it when the drug worked and when it did not.
const OUTCOMES = [
  ['type 2 diabetes', 'my blood sugar', 'HbA1c fell from 8.4 to 6.6 %', 'HbA1c is still ≥ 8.4 %'],
  ['migraine', 'my migraine', 'I count ≥ 20 clear days a month', 'I still lose nine days a month'],
  ['high blood pressure', 'my blood pressure', 'the cuff says 128/79, not 162/98', 'the cuff still says ≥ 160'],
  ['insomnia', 'my sleeplessness', 'I sleep six hours, sometimes seven', 'I still see 3:40 on the clock'],
  ['underactive thyroid', 'my tiredness', 'TSH came down from 11 to 2.1 mIU/L', 'TSH is still ≥ 9 mIU/L'],
  ['hay fever', 'my hay fever', 'I mow the lawn, no tissue needed', 'I need two boxes of tissues a week'],
  ['acid reflux', 'my reflux', 'tomato soup is back on the menu', 'even plain rice burns at night'],
  ['depression', 'my low mood', 'I cook, ring friends and laugh again', 'most mornings I cannot face the phone'],
  ['Ménière’s disease', 'my dizziness', 'I reach the top shelf, upright', 'I still hold on to the wall twice a day'],
] as const;

// Benefits follow the effectiveness: none, some, strong.
const BENEFITS = [
  [
    '{Symptom} did not change at all',
    'I gave it {n} weeks at {dose} a day, and {same}.',
    'I waited, I kept a chart, I hoped. Nothing: {same}.',
    'When I asked how long to wait, I was told "another month", twice.',
    'No benefit I could name, and my husband, who sees everything, saw none either.',
    'A peppermint would have done as much for {symptom}.',
  ],
  [
    'Some help with {symptom} but not enough',
    'It brought {symptom} down a notch, though after {n} weeks {same}.',
    'Good days and bad days, in about equal number.',
    'The effect is there in the morning, then fades by four o’clock.',
    'My notes say "slightly better" on eleven pages and "as before" on nine.',
    'Going up to {dose} helped a little, then it levelled off.',
  ],
  [
    '{Symptom} is far better than before',
    'After {n} weeks on {dose} a day, {better}.',
    'I had tried three other things before, none of which came close.',
    'The change came quietly in the second week, the way you notice that a noisy fridge has stopped.',
    'My doctor read the numbers twice and said "whatever you did, well done".',
    '{Symptom} is under control for the first time in years, and my family noticed before I did.',
    'The effect is even from morning to night, with no dip in the afternoon.',
  ],
] as const;

// Side effects follow the severity, one list for each level.
const SIDE_EFFECTS = [
  [
    'None',
    'Nothing I could notice.',
    'I read the whole leaflet, waited for the worst, and nothing came.',
    'My sister asked "and what does it do to you?", and I had nothing to report.',
  ],
  [
    'A metallic taste for the first week',
    'Slightly cold hands, gone after ten days.',
    'Some bloating after breakfast, which stopped when I took it with food.',
    'My leaflet lists "odd dreams", and yes, I had two about talking geese.',
  ],
  [
    'Stomach cramps on most days',
    'Dry, itchy skin on both arms, and constipation every other week.',
    'I gained 3 kg, which I had not planned.',
    'The leaflet says "may cause sweating": I changed my shirt twice a day.',
  ],
  [
    'A rash from neck to waist that took a month to fade',
    'Palpitations at night, strong enough to wake me, and swollen ankles by noon.',
    'Vomited on four days out of seven, so I missed a week of work.',
    'The word "discomfort" in the leaflet is a joke: I could not keep food down.',
  ],
  [
    'Ended up in hospital for two nights',
    'My face and tongue swelled, I could hardly breathe, and my daughter called the ambulance.',
    'Liver values at ≥ 8 times the limit, found by luck in a routine test.',
    'The emergency doctor wrote "never again" in my file, underlined.',
  ],
] as const;

// Comments follow the rating: low (1-3), middle (4-6), high (7-10). The last entry of each list has the emoji.
const COMMENTS = [
  [
    'I stopped after {n} weeks',
    'I would not take {drug} again, not even for free.',
    'We are now looking for something else, and I wish we had started sooner.',
    'I had been told "give it time". Well, {n} weeks were plenty.',
    'A disappointment, in short.',
    'Not for me. 😞',
  ],
  [
    'Undecided for now',
    'Better than nothing, worse than I had hoped.',
    'My doctor calls it "a fair trade"; I call it an expensive maybe.',
    'I will finish the box, then talk about a change of dose or of drug.',
    'For some it may be right; for me {drug} has two sides, and I keep weighing them.',
    'Hard to say. 🤷🏽',
  ],
  [
    'Would take it again',
    'I recommend asking about {drug}, even if, like me, you have given up twice.',
    'Set an alarm, take it daily, and be patient for the first weeks.',
    '"Finally", said my wife, and she is right.',
    'I now keep a spare box at work, which says it all.',
    'Very happy with it. 🎉',
  ],
] as const;

// Asides that fit any opinion. Two hide a trap: "café" with a combining accent, and the no-break spaces of French.
const ASIDES = [
  'Meine Apothekerin sagt: „Immer um dieselbe Uhrzeit, auch am Wochenende.“',
  'Bitte nicht über 25 °C lagern, schon gar nicht im Auto.',
  'À prendre avec un grand verre d’eau, même au cafe\u0301.',
  'Ma mère répète\u00a0: «\u00a0patience, ça dépend des gens\u00a0».',
  'Mi vecina toma lo mismo desde hace años; ¿será cosa de la edad?',
  'El médico añadió: "sin prisa y sin alcohol".',
  '薬はいつも食後に、水で飲みました。',
  'كنت آخذ الدواء بعد الأكل، مع كوب من الماء.',
  'Το φάρμακο το έπαιρνα πάντα μετά το φαγητό.',
  'I also take vitamin D (20 µg a day), which I did before.',
] as const;

// Diary lines for the long reviews: true on any day, in any order, whatever the outcome.
const DIARY = [
  'took it at seven with porridge and a full glass of water, then wrote the time on the kitchen calendar.',
  'forgot it until noon, rang the pharmacy, and was told "just carry on tomorrow, never take two at once".',
  'long train ride to my brother; the box stayed in my coat, well below 25 °C, next to the sandwiches.',
  'blood test at eight, no breakfast before it, and a very good cheese roll in the hospital café afterwards.',
  'the pharmacy had run out of {dose}, so I was given half the strength and a leaflet, and swallowed two.',
  'dinner with neighbours, fish soup, and one small beer (I had asked first, and was told "one is fine").',
  'rain all day, so I sat down and read the leaflet from end to end: 14 pages, 6 languages, tiny print.',
  'my grandson drew a chart for me, with a red line for {symptom} and a green one for {drug}.',
  'a friend who takes {drug} too compared notes with me; our lists had almost nothing in common.',
  'the blister pack is stiff, so I now cut the foil with nail scissors and keep a week’s worth in a tin.',
  'video call with the practice nurse 👩‍⚕️; she asked twelve questions, typed a lot, and changed nothing.',
  'drew a row of boxes on the wall calendar to tick, because I kept wondering at midnight whether I had taken it.',
  'walked around the lake, 7 km in 1 h 40 min, with the usual stop at the bench by the old boathouse.',
  'paid 23.80 € for the next box; the insurer covers the rest, after two forms and one phone call.',
  'skipped coffee to see if that mattered for {symptom}; it made no difference except to my temper.',
  'clocks went forward, so I shifted the dose by twenty minutes a day, which was probably overdoing it.',
  'wrote all this down for the appointment, since I always forget half of it once I am in the chair.',
  'visitors all weekend, two of them on the sofa, and a very loud alarm on my telephone at tablet time.',
] as const;

/** Numbers from 0 to below 1: 32 bits of state and a few lines. Fine for sample text, never for anything secret. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Generate a drug-review CSV: a header, then `records` reviews of nine columns each.
 *
 * Comma-delimited, quoted per RFC 4180 (sometimes needlessly), every record ended by LF; a quoted field may hold LF or
 * CRLF. The text depends on the arguments alone, and a smaller `records` with the same `seed` is a prefix of a larger.
 *
 * @param options.records number of reviews, a non-negative integer (300 if left out)
 * @param options.seed 32-bit integer that selects the text (fixed if left out)
 * @returns the whole file as text, to be encoded as UTF-8
 * @throws {RangeError} if `records` is not a non-negative integer
 */
export function sampleReviews(options: { records?: number; seed?: number } = {}): string {
  const { records = 300, seed = DEFAULT_SEED } = options;
  if (!Number.isSafeInteger(records) || records < 0) throw new RangeError('records must be a non-negative integer');
  const random = mulberry32(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const chance = (probability: number): boolean => random() < probability;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const some = (list: readonly string[], count: number): string[] => {
    const rest = [...list];
    return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(below(rest.length), 1)[0]!);
  };
  // A list's first entry is its terse answer and has no full stop, so no sentence may follow it.
  const review = (list: readonly string[], most: number): string[] =>
    chance(0.2) ? [list[0]!] : some(list.slice(1), 1 + below(most));
  const untidy = (text: string): string => (chance(0.06) ? pick([` ${text}`, `${text} `, `  ${text} `]) : text);
  const quote = (text: string): string =>
    /[",\r\n]/.test(text) || chance(text === '' ? 0.5 : 0.08) ? `"${text.replaceAll('"', '""')}"` : text;

  const lines = [HEADER];
  for (let id = 1000 + below(50); lines.length <= records; id += 1 + below(9)) {
    const [condition, symptom, better, same] = pick(OUTCOMES);
    const [drug = '', dose = ''] = pick(DRUGS[condition]!).split(', ');
    const effect: Level = pick(EFFECT_DRAW);
    const severity: Level = pick(SEVERITY_DRAW);
    const rating = Math.max(1, 2 * effect + 1 + below(2) - RATING_PENALTY[severity]);
    const Symptom = symptom.replace('my', 'My');
    const n = `${5 + below(8)}`;
    const words: Record<string, string> = { drug, dose, symptom, Symptom, better, same, n };
    const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? '');

    const comments = review(COMMENTS[rating <= 3 ? 0 : rating <= 6 ? 1 : 2], 3);
    if (comments.length > 1 && chance(0.9)) comments.push(pick(ASIDES));
    if (chance(0.1)) {
      const first = 1 + below(3);
      const diary = some(DIARY, 14 + below(4)).map((line, step) => `Day ${first + 2 * step}: ${line}`);
      comments.unshift('I kept a diary.', ...diary);
    }
    const glue = pick([' ', ' ', ' ', '\n', '\n\n', '\r\n']);
    const benefits = chance(0.06) ? [] : review(BENEFITS[effect === 0 ? 0 : effect <= 2 ? 1 : 2], 3);
    const harms = severity === 0 && chance(0.3) ? [] : review(SIDE_EFFECTS[severity], 2);
    const fields = [
      `${id}`,
      drug,
      `${rating}`,
      EFFECTIVENESS[effect] + (effect === 0 ? '' : ' Effective'),
      `${SEVERITY[severity]} Side Effects`,
      chance(0.03) ? '' : untidy(condition),
      untidy(fill(benefits.join(' '))),
      untidy(fill(harms.join(pick([' ', ' ', '\n'])))),
      chance(0.15) ? '' : untidy(fill(comments.join(glue))),
    ];
    lines.push(fields.map(quote).join(','));
  }
  return `${lines.join('\n')}\n`;
}
