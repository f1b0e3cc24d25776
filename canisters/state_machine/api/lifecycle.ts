import { IDL } from 'azle';
import { azleEnv } from '../../../src/azle/azle_env';
import { init, postUpgrade, query, update } from '../../../src/azle/endpoint';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../src/azle/http';
import { discoverPeers } from '../../../src/azle/peer_discovery';
import { CandidPeers, fromCandidPeers, toCandidPeers } from '../../../src/azle/peers';
import { checkSchema, stampSchema } from '../../../src/azle/schema';
import { chainIdOf } from '../../../src/core/consensus/state_hash';
import { DONE, err } from '../../../src/core/result';
import { makeConfig } from '../domain/config';
import { beginChallenges } from '../domain/poc/begin';
import { certifyHead } from '../jobs/certify';
import { startTimer } from '../jobs/tick';
import { pushSoon } from '../jobs/push_facts';
import { SCHEMA_VERSION } from '../storage';
import { agreement, challenges, factory, peers, tables } from '../wiring';
import { answerType, nothing, toAnswer, type Answer } from './errors';
import { ConfigView, InitArgs, type Opt } from './idl';
import { fromInitArgs, toConfigView } from './mappers';
import { stateMetrics } from './metrics';
import { fromPocInit } from './poc_mappers';

const VERSION = '0.1.0';
const SetPeersAnswer = answerType(IDL.Null, 'NotController');

/** Installation, upgrades, configuration and monitoring. */
export class Lifecycle {
    @init([IDL.Opt(InitArgs)])
    init([args]: Opt<InitArgs>): void {
        stampSchema(factory, SCHEMA_VERSION);
        tables.config.set(makeConfig(fromInitArgs(args)));
        const poc = fromPocInit(args?.poc[0]);
        beginChallenges(tables, challenges.specs, poc, azleEnv.nowNs());
        agreement.begin(chainIdOf(azleEnv.self().toUint8Array(), azleEnv.nowNs()));
        adoptPeers(args);
        certifyHead();
        startTimer();
    }

    /** Parameters keep the values of the installation; ids of peers may be added. */
    @postUpgrade([IDL.Opt(InitArgs)])
    postUpgrade([args]: Opt<InitArgs>): void {
        checkSchema(factory, SCHEMA_VERSION);
        adoptPeers(args);
        certifyHead();
        startTimer();
    }

    /** Controller: names the other canisters of the suite; ids that are left out stay. */
    @update([CandidPeers], SetPeersAnswer)
    set_peers(given: CandidPeers): Answer<null> {
        if (!azleEnv.isController(azleEnv.caller())) return toAnswer(err({ kind: 'NotController' }), nothing);
        peers.merge(fromCandidPeers(given));
        pushSoon();
        return toAnswer(DONE, nothing);
    }

    @query([], CandidPeers)
    get_peers(): CandidPeers {
        return toCandidPeers(peers.all());
    }

    @query([], ConfigView)
    get_config(): ConfigView {
        return toConfigView(tables.config.get());
    }

    @query([], IDL.Text)
    version(): string {
        return VERSION;
    }

    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        return serveMonitoring(request, stateMetrics);
    }
}

function adoptPeers(args: InitArgs | undefined): void {
    peers.mergeEnvironment();
    const [given] = args?.peers ?? [];
    if (given !== undefined) peers.merge(fromCandidPeers(given));
    discoverPeers(peers, pushSoon);
}
