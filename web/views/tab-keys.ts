/** What React tells things apart by that have no name: a number for each object. */

const keys = new WeakMap<object, number>();
let last = 0;

export function keyOf(object: object): number {
  const known = keys.get(object);
  if (known !== undefined) return known;
  keys.set(object, ++last);
  return last;
}
