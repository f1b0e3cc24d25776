export { embeddedModelHash } from './backends/embedded_embeddings';
export { BadConfig, type NodeConfigInput } from './config';
export { runNode } from './run_node';
