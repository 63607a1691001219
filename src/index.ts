/** The whole public surface of Medseal. */
export type { ReadingTerms } from './access/accesses.js';
export { PURPOSES } from './access/purposes.js';
export type { Identity, SoftwareIdentity } from './crypto/identity.js';
export { generateIdentity, identityFromPrivateKey } from './crypto/identity.js';
export type { GroupKey } from './crypto/sealing.js';
export type { PublicKey } from './crypto/secp256k1.js';
export { type Amended, type AmendOptions, amendRow } from './dataset/amend.js';
export type { Correction } from './dataset/correction.js';
export type { ScannedRecord } from './dataset/csv/scanner.js';
export { type DatasetInfo, type Directory, listDatasets } from './dataset/directory.js';
export type { GroupAccess, GroupInfo } from './dataset/group-info.js';
export type { GroupChoice } from './dataset/groups.js';
export { type RowHistory, type RowVersion, rowHistory } from './dataset/history.js';
export { type BuildOptions, type BuiltIndex, buildIndex } from './dataset/lookup/build.js';
export type { LookupChoice, LookupColumn } from './dataset/lookup/columns.js';
export type { Condition } from './dataset/lookup/conditions.js';
export { type Finding, type FindOptions, type FindReport, findRows } from './dataset/lookup/find.js';
export type { FoundRow } from './dataset/lookup/search.js';
export type { Manifest } from './dataset/manifest.js';
export {
  type OpenedDataset,
  type OpenedRow,
  type OpenOptions,
  type OpenReport,
  openDataset,
  type RowSource,
} from './dataset/open.js';
export { ndjsonBytes, type OutputOptions, originalBytes } from './dataset/output.js';
export { type ProveOptions, proveRecord } from './dataset/prove.js';
export { type QueriedTable, type QueryOptions, type QueryResult, query } from './dataset/query/query.js';
export type { QueryValue } from './dataset/query/values.js';
export { sampleReviews } from './dataset/sample.js';
export { type SealOptions, type SealProgress, type SealResult, sealDataset } from './dataset/seal.js';
export { type SealDatasetsOptions, type SealJob, sealDatasets } from './dataset/seal-datasets.js';
export { examine } from './dataset/source/examine.js';
export type { Format } from './dataset/source/formats.js';
export type { Examined, Source, SourceOptions } from './dataset/source/source.js';
export { type OpenFormat, type OpenFormatOptions, openedBytes } from './dataset/typed/formats.js';
export { type FrameOptions, fromDataFrame, toDataFrame } from './dataset/typed/polars.js';
export type { PolarsFrame } from './dataset/typed/polars-frame.js';
export { examineTyped } from './dataset/typed/source.js';
export { readTable, type TableOptions } from './dataset/typed/table.js';
export type { ColumnType, TypedBatch, TypedColumn, TypedTable, TypeName, Value } from './dataset/typed/types.js';
export { type ErrorCode, MedsealError, type ProblemCode } from './errors.js';
export { type Block, type BlockItem, isReadable } from './format/block.js';
export { type Checkpoint, isSignedBy, type LedgerHead, parseCheckpoint, signCheckpoint } from './format/checkpoint.js';
export type { Entry, SealedEntry, StatementEntry } from './format/entry.js';
export type { BlockHead, Header } from './format/header.js';
export type { Statement } from './format/statement.js';
export { importPrivateKey } from './keys/import.js';
export { keyFileIsEncrypted, readKeyFile, writeKeyFile } from './keys/key-file.js';
export { generateHardwareIdentity, type HardwareIdentity, openHardwareIdentity } from './keys/pkcs11/identity.js';
export type { TokenOptions } from './keys/pkcs11/token.js';
export { notebookPublicKey, parsePublicKey } from './keys/public-key.js';
export { copyStore } from './ledger/backup.js';
export { certifyErasure, type MadeCertificate } from './ledger/certificate.js';
export { type CheckpointOptions, type MadeCheckpoint, makeCheckpoint } from './ledger/checkpoint.js';
export { exportLedger } from './ledger/export.js';
export type { LedgerTerms } from './ledger/genesis.js';
export { type ConsistencyProof, isConsistentProof, proveConsistency } from './ledger/history-nodes.js';
export { type ImportOptions, importLedger } from './ledger/import.js';
export { headsBeside, type KnownHead, type KnownHeads } from './ledger/known-heads.js';
export {
  type BlockRange,
  createLedger,
  type Ledger,
  openLedger,
  type Surroundings,
  type WriteOptions,
} from './ledger/ledger.js';
export { type MadeProof, type ProveEntryOptions, proveEntry, type RecordPlace } from './ledger/prove.js';
export { type VerifyLedgerOptions, verifyLedger } from './ledger/verify.js';
export { type LedgerWriter, statementEntry } from './ledger/writer.js';
export type { ChainItem, NotebookBlock, NotebookChain } from './notebook/chain.js';
export { parseChain } from './notebook/chain.js';
export { type CreateChainOptions, type CreatedChain, createChain } from './notebook/create.js';
export { type ImportChainOptions, type ImportedChain, importChain } from './notebook/import.js';
export type { ColumnLosses, Losses } from './notebook/losses.js';
export {
  type NotebookRow,
  type NotedValue,
  type OpenChainOptions,
  type OpenedChain,
  openChain,
} from './notebook/open.js';
export type { TextRow, TextValue } from './notebook/pandas/read-text.js';
export type { PythonValue } from './notebook/python/value.js';
export { type TriedChange, undetectedChanges } from './notebook/undetected.js';
export { type ChainProblem, type ChainVerdict, verifyChain } from './notebook/verify.js';
export { type CertificateVerdict, type CertifiedDestruction, verifyCertificate } from './proof/verify-certificate.js';
export { type ProofVerdict, type ProvenRecord, type VerifyProofOptions, verifyProof } from './proof/verify-proof.js';
export { type MemoryMedium, memoryMedium, memoryStore } from './store/memory.js';
export type { ReadBlock, ReadOptions, Store, StoredBlock } from './store/store.js';
export type { BlockReport, VerifyOptions } from './verify/options.js';
export { encodeSaved, parseSaved, type SavedState } from './verify/saved.js';
export type { LedgerState } from './verify/state.js';
export type { Notice, Problem, Verdict } from './verify/verdict.js';
export { type Miner, singleThreadMiner } from './work/miner.js';
export { type ThreadedMiner, threadedMiner } from './work/threaded-miner.js';
