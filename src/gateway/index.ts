export { gatewayConfigSchema, type GatewayConfigInput } from './config';
export { PortTaken, startGateway, type RunningGateway } from './start_gateway';
