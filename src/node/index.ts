export { embeddedModelHash } from './backends/embedded_embeddings';
export { nodeConfigSchema, type NodeConfigInput } from './config';
export { runNode } from './run_node';
