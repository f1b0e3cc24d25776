import { between, pick, type Chance } from './chance';

const LANGUAGES = [
    'the of and a to in is you that it he was for on are as with his they at be this have from or had by but some what we can out other were all there when use your how said each which their time will way about many then them write would like these her long make thing see him two has look more day could go come did number sound no most people my over know water than call first who may down side been now find any new work part take get place made live where after back little only round man year came show every good give our under name very through just form sentence great think help low line differ turn cause much mean before move right boy old too same tell',
    'der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde wenn Rechnung Termin Straße Bestellung Schule Wetter Garten Frage',
    'de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ou son sa mais comme on être tout nous sous même leur été bien sans peut elle commande facture réunion voyage maison prix semaine jardin question',
    'de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde pedido factura reunión viaje casa precio semana',
    'de e o a que do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso pedido fatura reunião viagem',
    'i w na z do się nie to jest że o jak po co tak za od jego ale dla ich był być przez czy tylko już przy sobie pod może jeszcze bardzo zamówienie faktura spotkanie podróż dom cena tydzień pytanie'
].map((words) => words.split(' '));
const SYLLABLES =
    'ba be bi ca co da de di do el en er fa fe ga go ha he in ja ka ke ki la le li lo ma me mi mo na ne ni no o pa pe ra re ri ro sa se si so ta te ti to u va ve vi wa ya za'.split(
        ' '
    );
const OPERATORS = ['+', '-', '*', '/', '%', '<', '>', '==', '!=', '&&', '||'] as const;

/** A text as one of many users would send it: its length, shape and language are drawn anew each time. */
export function probeText(chance: Chance): string {
    return pick(chance, [sentence, question, paragraph, list, code, record, keywords, headline])(chance);
}

function sentence(chance: Chance): string {
    const closing = pick(chance, ['.', '.', '', '!', '…']);
    return capital(words(chance, between(chance, 3, 22)).join(' ')) + closing;
}

function question(chance: Chance): string {
    return `${maybeCapital(chance, words(chance, between(chance, 3, 14)).join(' '))}${pick(chance, ['?', '?', '', '??'])}`;
}

function paragraph(chance: Chance): string {
    return Array.from({ length: between(chance, 2, 6) }, () => sentence(chance)).join(pick(chance, [' ', ' ', '\n']));
}

function list(chance: Chance): string {
    const mark = pick(chance, ['- ', '* ', '', '• ']);
    const isNumbered = chance.random() < 0.3;
    return Array.from({ length: between(chance, 2, 7) }, (_, i) => {
        const item = words(chance, between(chance, 1, 6)).join(' ');
        return isNumbered ? `${i + 1}. ${item}` : mark + item;
    }).join('\n');
}

function code(chance: Chance): string {
    const [name, first, second] = [identifier(chance), identifier(chance), identifier(chance)];
    const term = `${first} ${pick(chance, OPERATORS)} ${chance.random() < 0.5 ? second : figure(chance)}`;
    return pick(chance, [
        `def ${name}(${first}, ${second}):\n    return ${term}`,
        `function ${name}(${first}) {\n  const ${second} = ${figure(chance)};\n  return ${term};\n}`,
        `SELECT ${first}, ${second} FROM ${name} WHERE ${first} > ${figure(chance)}`,
        `let ${name} = ${term};`,
        `if (${term}) ${name}(${second})`
    ]);
}

function record(chance: Chance): string {
    const pairs = Array.from({ length: between(chance, 1, 5) }, () => [identifier(chance), figure(chance)] as const);
    if (chance.random() < 0.4) return JSON.stringify(Object.fromEntries(pairs));
    const join = pick(chance, [': ', '=', ' ', ', ']);
    return pairs.map(([key, value]) => `${key}${join}${value}`).join(pick(chance, ['\n', '; ', ' ']));
}

function keywords(chance: Chance): string {
    return words(chance, between(chance, 1, 5)).join(pick(chance, [' ', ', ', ' ']));
}

function headline(chance: Chance): string {
    return `${words(chance, between(chance, 2, 9))
        .map(capital)
        .join(' ')}${pick(chance, ['', `: ${invented(chance)}`, ` ${figure(chance)}`])}`;
}

/** Words of one language, with names and numbers among them. */
function words(chance: Chance, count: number): readonly string[] {
    const language = pick(chance, LANGUAGES);
    return Array.from({ length: count }, () => {
        const kind = chance.random();
        if (kind < 0.14) return capital(invented(chance));
        return kind < 0.2 ? figure(chance) : pick(chance, language);
    });
}

function invented(chance: Chance): string {
    return Array.from({ length: between(chance, 2, 4) }, () => pick(chance, SYLLABLES)).join('');
}

function identifier(chance: Chance): string {
    return pick(chance, ['', 'get_', 'is', 'my', 'x_']) + invented(chance);
}

function figure(chance: Chance): string {
    const whole = between(chance, 0, 10 ** between(chance, 1, 6));
    return pick(chance, [`${whole}`, `${whole}`, `${whole}.${between(chance, 0, 99)}`, `${whole} %`, `${whole} €`]);
}

function maybeCapital(chance: Chance, text: string): string {
    return chance.random() < 0.6 ? capital(text) : text;
}

function capital(text: string): string {
    return text.slice(0, 1).toUpperCase() + text.slice(1);
}
