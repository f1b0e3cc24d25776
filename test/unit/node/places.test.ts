import { Places } from '../../../src/node/backends/places';

const never = new AbortController().signal;

test('so many at a time, the others in the order in which they came; who gives up waiting takes no place', async () => {
    const places = new Places(2);
    const heard: string[] = [];
    const enter = async (name: string, signal = never): Promise<void> => {
        if (await places.enter(signal)) heard.push(name);
        else heard.push(`${name} left`);
    };
    const leaving = new AbortController();
    const all = [enter('a'), enter('b'), enter('c', leaving.signal), enter('d'), enter('e')];
    await Promise.all(all.slice(0, 2));
    expect(heard).toEqual(['a', 'b']);
    leaving.abort();
    await all[2];
    places.leave();
    await all[3];
    expect(heard).toEqual(['a', 'b', 'c left', 'd']);
    places.leave();
    await all[4];
    places.leave();
    places.leave();
    await Promise.all([enter('f'), enter('g')]);
    expect(heard.slice(4)).toEqual(['e', 'f', 'g']);
    expect(places.enter(AbortSignal.abort())).toBe(false);
});
