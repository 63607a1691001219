// Holds the write lock of a SQLite file until it is killed, as a writer does between two commits.
import Database from 'libsql';

const database = new Database(process.argv[2]);
database.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
setInterval(() => {}, 1000);
