/**
 * Threads run what has been built; where the sources run themselves (in tests), it lies beside them in dist.
 * @param module URL of a module of ours
 */
export function builtModule(module: string): string {
  const sources = new URL('../', import.meta.url).href;
  if (!import.meta.url.endsWith('.ts') || !module.startsWith(sources)) return module;
  const built = new URL('../../dist/', import.meta.url).href;
  return built + module.slice(sources.length).replace(/\.ts$/, '.js');
}
