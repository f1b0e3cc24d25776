import { refuse } from './input';
import { MAX_DEPTH, MAX_TYPE_PAIRS } from './refusal';
import { resolve, type Field, type NodeOf, type ResolvedNode, type TypeNode } from './type_node';

/** How many pairs of types the plan of one message may still compare. */
export class PairBudget {
    private left = MAX_TYPE_PAIRS;

    spend(): void {
        this.left -= 1;
        if (this.left < 0) refuse('too_large');
    }
}

/**
 * Subtyping of Candid (specification, section "Rules"), which decides whether a reference to a function or a service may be
 * used at an expected type. Values of data types are judged by the plan that reads them, not here.
 */
export class Subtyping {
    /** Pairs taken for granted: being asked, or answered with yes. A pair that fails ends the whole question. */
    private readonly assumed = new Set<string>();
    private level = 0;

    constructor(private readonly budget: PairBudget) {}

    holds(sub: TypeNode, sup: TypeNode): boolean {
        const [t1, t2] = [resolve(sub), resolve(sup)];
        if (t1 === undefined || t2 === undefined) return false;
        const pair = `${t1.uid} ${t2.uid}`;
        if (this.assumed.has(pair)) return true;
        this.assumed.add(pair);
        this.level += 1;
        this.budget.spend();
        if (this.level > MAX_DEPTH) refuse('too_deep');
        const holds = this.decide(t1, t2);
        this.level -= 1;
        return holds;
    }

    private decide(sub: ResolvedNode, sup: ResolvedNode): boolean {
        if (sup.kind === 'opt' || isPrimitive(sup, 'reserved') || isPrimitive(sub, 'empty')) return true;
        if (sub.kind === 'primitive' && sup.kind === 'primitive') {
            return sub.name === sup.name || (sub.name === 'nat' && sup.name === 'int');
        }
        if (sub.kind === 'vec' && sup.kind === 'vec') return this.holds(sub.element, sup.element);
        if (sub.kind === 'record' && sup.kind === 'record') return this.records(sub.fields, sup.fields);
        if (sub.kind === 'variant' && sup.kind === 'variant') return this.variants(sub.fields, sup.fields);
        if (sub.kind === 'func' && sup.kind === 'func') return this.functions(sub, sup);
        if (sub.kind === 'service' && sup.kind === 'service') return this.services(sub, sup);
        return false;
    }

    private records(sub: readonly Field[], sup: readonly Field[]): boolean {
        const present = new Map(sub.map((field) => [field.id, field.type]));
        return sup.every(({ id, type }) => {
            const given = present.get(id);
            return given === undefined ? isOmissible(type) : this.holds(given, type);
        });
    }

    private variants(sub: readonly Field[], sup: readonly Field[]): boolean {
        const known = new Map(sup.map((field) => [field.id, field.type]));
        return sub.every(({ id, type }) => {
            const target = known.get(id);
            return target !== undefined && this.holds(type, target);
        });
    }

    private functions(sub: NodeOf<'func'>, sup: NodeOf<'func'>): boolean {
        const sameKind = (a: readonly string[], b: readonly string[]): boolean => a.every((one) => b.includes(one));
        return (
            sameKind(sub.annotations, sup.annotations) &&
            sameKind(sup.annotations, sub.annotations) &&
            this.sequences(sup.args, sub.args) &&
            this.sequences(sub.results, sup.results)
        );
    }

    /** More values than asked for may come; fewer only where the rest may be left out. */
    private sequences(sub: readonly TypeNode[], sup: readonly TypeNode[]): boolean {
        return sup.every((type, i) => {
            const given = sub[i];
            return given === undefined ? isOmissible(type) : this.holds(given, type);
        });
    }

    private services(sub: NodeOf<'service'>, sup: NodeOf<'service'>): boolean {
        const offered = new Map(sub.methods.map((method) => [method.name, method.type]));
        return sup.methods.every(({ name, type }) => {
            const given = offered.get(name);
            return given !== undefined && this.holds(given, type);
        });
    }
}

/** Whether a missing value reads as one: `opt`, `null` and `reserved`. */
export function isOmissible(type: TypeNode): boolean {
    const resolved = resolve(type);
    return resolved?.kind === 'opt' || isPrimitive(resolved, 'null') || isPrimitive(resolved, 'reserved');
}

export function isPrimitive(type: ResolvedNode | undefined, name: NodeOf<'primitive'>['name']): boolean {
    return type?.kind === 'primitive' && type.name === name;
}
