/**
 * ICRC-21: what a call of the ledger would do, in words, for wallets that ask their user first. Wording, order and errors are those of
 * the ICP ledger, since tests of wallets compare them.
 */
import { decodeArgument, type Codec } from '../candid/codecs';
import { isAnonymous } from '../state/principals';
import { accountIdentifier, accountText, isAccountIdentifier, type Account } from './accounts';
import type { TokenRules } from './book_types';
import {
    consentRequest,
    consentResult,
    type ConsentError,
    type ConsentRequest,
    type ConsentResult
} from './consent_types';
import { ConsentText, type Line } from './consent_text';
import { approveArgument, transferArgument, transferFromArgument } from './icrc_types';
import { legacyTransferArgument } from './icp_types';
import { answered, update, type NativeMethod } from './service';

/** Longer arguments are not looked at. */
const maxArgumentBytes = 500;
const functions = ['icrc1_transfer', 'icrc2_approve', 'icrc2_transfer_from', 'transfer'];

/** Who asks, for which token. */
interface Asked {
    readonly caller: Uint8Array;
    readonly rules: TokenRules;
}

/** What is to be said, or why nothing can be. */
type Said =
    | { readonly ok: true; readonly intent: string; readonly lines: readonly Line[] }
    | { readonly ok: false; readonly why: ConsentError };

/** `icrc21_canister_call_consent_message` over transfers and approvals of this token. */
export function consentMethod(rules: TokenRules): NativeMethod {
    return update({
        argument: consentRequest,
        result: consentResult,
        run: (request, { caller }) => answered(consentTo(request, { caller, rules }))
    });
}

function consentTo(request: ConsentRequest, asked: Asked): ConsentResult {
    const { metadata, device_spec: device } = request.user_preferences;
    const said = describe(request, asked);
    if (!said.ok) return { kind: 'Err', value: said.why };
    const text = new ConsentText(asked.rules, metadata.utc_offset_minutes ?? 0);
    const shown =
        device?.kind === 'FieldsDisplay'
            ? text.fields(said.intent, said.lines)
            : ({ kind: 'GenericDisplayMessage', value: text.markdown(said.intent, said.lines) } as const);
    if (shown === undefined) {
        const value = { error_code: 500n, description: 'Failed to convert tokens to u64' };
        return { kind: 'Err', value: { kind: 'GenericError', value } };
    }
    // English whatever was asked for, as there.
    return { kind: 'Ok', value: { consent_message: shown, metadata: { ...metadata, language: 'en' } } };
}

function describe(request: ConsentRequest, asked: Asked): Said {
    if (request.method === 'transfer') return describeLegacyTransfer(request.arg, asked);
    if (request.arg.length > maxArgumentBytes) {
        return unsupported(`The argument size is too large. The maximum allowed size is ${maxArgumentBytes} bytes.`);
    }
    switch (request.method) {
        case 'icrc1_transfer':
            return describeTransfer(request.arg, asked);
        case 'icrc2_approve':
            return describeApproval(request.arg, asked);
        case 'icrc2_transfer_from':
            return describeTransferFrom(request.arg, asked);
        default: {
            const known = functions.map((name) => `"${name}"`).join(', ');
            return unsupported(
                `The function provided is not supported: ${request.method}.\n Supported functions for ICRC-21 are: [${known}].\n Error is: VariantNotFound`
            );
        }
    }
}

function unsupported(description: string): Said {
    return { ok: false, why: { kind: 'UnsupportedCanisterCall', value: { description } } };
}

/** A call's argument, as it came. */
interface Argument<T> {
    readonly codec: Codec<T>;
    /** Of its type. */
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly feeOf: (argument: T) => bigint | undefined;
}

const icrcFee = ({ fee }: { readonly fee: bigint | undefined }): bigint | undefined => fee;

/** Goes on with the argument, when its fee is the ledger's. */
function withArgument<T>(
    { codec, name, bytes, feeOf }: Argument<T>,
    { rules }: Asked,
    go: (argument: T) => Said
): Said {
    const decoded = decodeArgument(codec, bytes);
    if (!decoded.ok) return unsupported(`Failed to decode ${name}: ${decoded.why}`);
    const fee = feeOf(decoded.value) ?? rules.fee;
    if (fee === rules.fee) return go(decoded.value);
    return unsupported(
        `The fee specified in the arguments (${grouped(fee)}) is different than the ledger fee (${grouped(rules.fee)})`
    );
}

/** Rust's Candid writes numbers with underscores. */
function grouped(number: bigint): string {
    return number.toString().replace(/\B(?=(\d{3})+$)/g, '_');
}

function describeTransfer(bytes: Uint8Array, asked: Asked): Said {
    const { caller, rules } = asked;
    return withArgument({ codec: transferArgument, name: 'TransferArg', bytes, feeOf: icrcFee }, asked, (argument) => {
        const from = { owner: caller, subaccount: argument.from_subaccount };
        return transferLines(`Send ${rules.name}`, {
            from: isAnonymous(caller) ? undefined : accountText(from),
            to: accountText(argument.to),
            amount: argument.amount,
            memo: memoText(argument.memo)
        });
    });
}

function describeLegacyTransfer(bytes: Uint8Array, asked: Asked): Said {
    const { caller, rules } = asked;
    const feeOf = ({ fee }: { readonly fee: { readonly e8s: bigint } }): bigint => fee.e8s;
    return withArgument({ codec: legacyTransferArgument, name: 'TransferArgs', bytes, feeOf }, asked, (argument) => {
        if (!isAccountIdentifier(argument.to))
            return unsupported('Failed to parse receiver account id: invalid checksum or length');
        if (bytes.length > maxArgumentBytes) {
            return unsupported(
                `The argument size is too large. The maximum allowed size is ${maxArgumentBytes} bytes.`
            );
        }
        const from = accountIdentifier({ owner: caller, subaccount: argument.from_subaccount });
        return transferLines(`Send ${rules.name}`, {
            from: isAnonymous(caller) ? undefined : hex(from),
            to: hex(argument.to),
            amount: argument.amount.e8s,
            memo: argument.memo.toString()
        });
    });
}

interface Transfer {
    readonly from: string | undefined;
    readonly to: string;
    readonly amount: bigint;
    readonly memo: string | undefined;
}

function transferLines(intent: string, { from, to, amount, memo }: Transfer): Said {
    const explained = 'You are approving a transfer of funds from your account.';
    const lines: readonly (Line | undefined)[] = [
        { kind: 'explanation', text: explained },
        from === undefined ? undefined : { kind: 'account', name: 'From', account: from },
        { kind: 'amount', name: 'Amount', amount },
        { kind: 'account', name: 'To', account: to },
        { kind: 'fee', name: 'Fees', note: 'Charged for processing the transfer.' },
        memoLine(memo)
    ];
    return said(intent, lines);
}

function describeTransferFrom(bytes: Uint8Array, asked: Asked): Said {
    const { caller, rules } = asked;
    return withArgument(
        { codec: transferFromArgument, name: 'TransferFromArgs', bytes, feeOf: icrcFee },
        asked,
        (argument) => {
            const spender = { owner: caller, subaccount: argument.spender_subaccount };
            return said(`Spend ${rules.name}`, [
                { kind: 'explanation', text: 'You are approving a transfer of funds from a withdrawal account.' },
                { kind: 'account', name: 'From', account: accountText(argument.from) },
                { kind: 'amount', name: 'Amount', amount: argument.amount },
                ownLine('Spender', spender),
                { kind: 'account', name: 'To', account: accountText(argument.to) },
                { kind: 'fee', name: 'Fees', note: 'Charged for processing the transfer.' },
                memoLine(memoText(argument.memo))
            ]);
        }
    );
}

function describeApproval(bytes: Uint8Array, asked: Asked): Said {
    return withArgument({ codec: approveArgument, name: 'ApproveArgs', bytes, feeOf: icrcFee }, asked, (argument) => {
        const approver = { owner: asked.caller, subaccount: argument.from_subaccount };
        const { amount, expected_allowance: existing, expires_at: expiresAtNs } = argument;
        const explained = 'You are authorizing another address to withdraw funds from your account.';
        return said('Approve spending', [
            { kind: 'explanation', text: explained },
            ownLine('From', approver),
            { kind: 'account', name: 'Approve to spender', account: accountText(argument.spender) },
            {
                kind: 'amount',
                name: 'Requested allowance',
                amount,
                note: 'This is the withdrawal limit that will apply upon approval.'
            },
            existing === undefined
                ? undefined
                : {
                      kind: 'amount',
                      name: 'Existing allowance',
                      amount: existing,
                      note: 'Until approval, this allowance remains in effect.'
                  },
            { kind: 'expiry', expiresAtNs },
            { kind: 'fee', name: 'Approval fees', note: 'Charged for processing the approval.' },
            ownLine('Fees paid by', approver),
            memoLine(memoText(argument.memo))
        ]);
    });
}

function said(intent: string, lines: readonly (Line | undefined)[]): Said {
    return { ok: true, intent, lines: lines.filter((line) => line !== undefined) };
}

/** The account of whoever asks; an anonymous caller has not said who it will be. */
function ownLine(name: string, account: Account): Line | undefined {
    return isAnonymous(account.owner) ? undefined : { kind: 'account', name, account: accountText(account) };
}

function memoLine(memo: string | undefined): Line | undefined {
    return memo === undefined ? undefined : { kind: 'account', name: 'Memo', account: memo };
}

/** As text if it is text, as hex otherwise. */
function memoText(memo: Uint8Array | undefined): string | undefined {
    if (memo === undefined) return undefined;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(memo);
    return Buffer.from(text).equals(memo) ? text : hex(memo);
}

function hex(bytes: Uint8Array): string {
    return Buffer.from(bytes).toString('hex');
}
