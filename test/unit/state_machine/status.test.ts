import {
    NODE_CLASSES,
    NODE_STATUSES,
    STATUS_EVENTS,
    statusAfter,
    type NodeStatus
} from '../../../canisters/state_machine/domain/status';

test('statusAfter: is total and Removed is terminal (SM4)', () => {
    for (const nodeClass of NODE_CLASSES) {
        for (const event of STATUS_EVENTS) {
            for (const status of NODE_STATUSES) {
                expect(NODE_STATUSES).toContain(statusAfter(nodeClass, status, event));
            }
            expect(statusAfter(nodeClass, 'Removed', event)).toBe('Removed');
        }
    }
});

test('statusAfter: each class has exactly one way to become Active at first', () => {
    const ways = NODE_CLASSES.map((nodeClass) =>
        STATUS_EVENTS.filter((event) => statusAfter(nodeClass, 'Registered', event) === 'Active')
    );
    expect(ways).toEqual([['admitted'], ['stake_confirmed'], ['poc_passed']]);
});

test('statusAfter: the courses of domain.md C.1', () => {
    const course = (nodeClass: 'validator' | 'router' | 'compute', ...events: (typeof STATUS_EVENTS)[number][]) =>
        events.reduce<NodeStatus>((status, event) => statusAfter(nodeClass, status, event), 'Registered');
    expect(course('compute', 'poc_failed')).toBe('Registered');
    expect(course('compute', 'poc_passed', 'poc_failed')).toBe('Inactive');
    expect(course('compute', 'poc_passed', 'went_silent', 'reported')).toBe('Inactive');
    expect(course('compute', 'poc_passed', 'went_silent', 'poc_passed')).toBe('Active');
    expect(course('compute', 'poc_passed', 'stake_ended')).toBe('Active');
    expect(course('router', 'stake_confirmed', 'went_silent', 'reported')).toBe('Active');
    expect(course('router', 'poc_passed')).toBe('Registered');
    expect(course('validator', 'stake_confirmed')).toBe('Registered');
    expect(course('validator', 'admitted', 'stake_ended')).toBe('Expired');
    expect(course('validator', 'admitted', 'stake_ended', 'unregistered', 'registered_again')).toBe('Registered');
    expect(course('router', 'stake_confirmed', 'impeached', 'unregistered')).toBe('Removed');
});
