import { query } from '../../../src/azle/endpoint';
import { readHistory } from '../domain/history';
import { books } from '../wiring';
import {
    GetTransactionsRequest,
    GetTransactionsResponse,
    type CandidGetTransactionsRequest,
    type CandidGetTransactionsResponse
} from './idl_history';
import { toGetTransactionsResponse } from './mappers_history';

/** The log, as the official ledger's older interface shows it. */
export class History {
    @query([GetTransactionsRequest], GetTransactionsResponse)
    get_transactions(request: CandidGetTransactionsRequest): CandidGetTransactionsResponse {
        return toGetTransactionsResponse(readHistory(books.journal, request.start, request.length));
    }
}
