// Looks through a Parquet file, as before it is sealed, and tells what came of it.
import { examine } from '../../dist/dataset/source/examine.js';

try {
  const { rows } = await examine(process.argv[2]);
  console.log(`${rows} rows`);
} catch (error) {
  console.log(error.code ?? error);
}
