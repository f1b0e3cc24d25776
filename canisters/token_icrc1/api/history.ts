import { query } from '../../../src/azle/endpoint';
import { readHistory } from '../domain/log_reader';
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
        const page = readHistory(books.journal, request);
        return toGetTransactionsResponse(page, books.archives.spread(page.archived));
    }
}
