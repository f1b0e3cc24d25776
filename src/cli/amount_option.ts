import { parseAmount } from '../core/amount';
import { CommandFailed } from './command_failed';

/** An optional amount of EMC as its user wrote it, in e8s. @throws {@link CommandFailed} for what is no amount. */
export function amountOf(text: string | undefined): bigint | undefined {
    const amount = text === undefined ? undefined : parseAmount(text);
    if (text !== undefined && amount === undefined) throw new CommandFailed(`${text} is not an amount of EMC.`);
    return amount;
}
