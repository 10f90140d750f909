/** Axes of charts: round steps that cover all values, and numbers as short as they can be read. Pure. */

const SHORT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, notation: "compact" });
const FULL = new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 });

/**
 * Round steps from the least to the greatest value; `zero` takes 0 in.
 * @param {number[]} values
 * @param {{zero?: boolean, count?: number}} [how]
 * @returns {{low: number, high: number, ticks: number[]}}
 */
export function scaleOf(values, { zero = true, count = 4 } = {}) {
    let low = Math.min(...(zero ? [0] : []), ...values);
    let high = Math.max(...(zero ? [0] : []), ...values);
    if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(low, 2 * low), Math.max(high, 2 * high)];
    const step = round((high - low) / count);
    const ticks = [];
    for (let n = Math.floor(low / step); n <= Math.ceil(high / step); n += 1)
        ticks.push(Number((n * step).toPrecision(12)));
    return { low: ticks[0], high: ticks.at(-1), ticks };
}

/** A short number for an axis. */
export function short(value) {
    return SHORT.format(value);
}

/** The number itself, with its unit. */
export function full(value, unit) {
    return unit ? `${FULL.format(value)} ${unit}` : FULL.format(value);
}

/** 1, 2 or 5 times a power of ten, not less than `rough`. */
function round(rough) {
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
}
