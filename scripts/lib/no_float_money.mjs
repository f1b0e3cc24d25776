/**
 * Lint rule of money paths (docs/engineering-guidelines.md, M1): amounts are bigint, and nothing there can make a float.
 * Refuses `Math`, `parseFloat`, `toFixed` and their like, literals with a fraction, division and powers of numbers, and amounts
 * (`…E8s`) that are numbers or are turned into numbers. Needs type information: `/` of bigints is what money is made of.
 */
import ts from 'typescript';

const FLOAT_CALLS = ['parseFloat', 'toFixed', 'toPrecision', 'toExponential'];
const DIVIDING = ['/', '/=', '**', '**='];
const AMOUNT = /(E8s?|_e8s?)$/;

const isNumber = (type) => {
    if (type.isUnion()) return type.types.some(isNumber);
    return (type.flags & ts.TypeFlags.NumberLike) !== 0;
};

export const noFloatMoney = {
    meta: {
        type: 'problem',
        schema: [],
        messages: {
            math: 'M1: `{{name}}` makes floats; money is bigint.',
            fraction: 'M1: a literal with a fraction on a money path.',
            division: 'M1: `{{operator}}` of numbers makes floats; money is bigint.',
            amount: 'M1: `{{name}}` is an amount: a bigint, never a number.'
        }
    },
    create(context) {
        const { getTypeAtLocation } = context.sourceCode.parserServices;
        const isNumeric = (node) => isNumber(getTypeAtLocation(node));
        const dividing = (node) => {
            if (DIVIDING.includes(node.operator) && isNumeric(node.left)) {
                context.report({ node, messageId: 'division', data: { operator: node.operator } });
            }
        };
        return {
            'MemberExpression[object.name="Math"]'(node) {
                context.report({ node, messageId: 'math', data: { name: `Math.${node.property.name}` } });
            },
            'CallExpression > .callee'(node) {
                const name = node.type === 'MemberExpression' ? node.property.name : node.name;
                if (FLOAT_CALLS.includes(name)) context.report({ node, messageId: 'math', data: { name } });
            },
            Literal(node) {
                const isFloat = typeof node.value === 'number' && !Number.isSafeInteger(node.value);
                if (isFloat || (typeof node.value === 'number' && /[.eE]/.test(node.raw) && !/^0x/i.test(node.raw))) {
                    context.report({ node, messageId: 'fraction' });
                }
            },
            BinaryExpression: dividing,
            AssignmentExpression: dividing,
            Identifier(node) {
                if (!AMOUNT.test(node.name)) return;
                const { parent } = node;
                const isConverted = parent.type === 'CallExpression' && parent.callee.name === 'Number';
                if (isConverted || isNumeric(node)) {
                    context.report({ node, messageId: 'amount', data: { name: node.name } });
                }
            },
            // What is read off an object is an amount, too: Number(row.paidE8s).
            'CallExpression[callee.name="Number"] > MemberExpression.arguments'(node) {
                const { name } = node.property;
                if (AMOUNT.test(name)) context.report({ node, messageId: 'amount', data: { name } });
            }
        };
    }
};
