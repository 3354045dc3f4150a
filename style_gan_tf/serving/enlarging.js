/* A painting of a photo's small copy in the photo's size, with the photo's edges: what
   inference/paint_size.py does, where it is explained, but bilinear. Numbers are 0 to 255. */
const ENLARGING = { radius: 2, flat: 4e-3 * 127.5 ** 2, steepest: 1 };

/* photo, copy, painted: ImageData, the last two of one size; kept: how much of the photo shows
   through the painting, 0 to 1. Gives ImageData of the photo's size. */
function enlarge(photo, copy, painted, kept) {
  const { width, height } = photo;
  const seen = luminance(copy.data);
  const mean = boxMean(seen, copy);
  const square = boxMean(seen.map((x) => x * x), copy);
  const channels = [0, 1, 2].map((channel) => {
    const own = seen.map((_, i) =>
      painted.data[4 * i + channel] - kept * copy.data[4 * i + channel]);
    const ownMean = boxMean(own, copy);
    const product = boxMean(own.map((x, i) => x * seen[i]), copy);
    const steep = boxMean(product.map((x, i) => (x - mean[i] * ownMean[i]) /
      (Math.max(0, square[i] - mean[i] * mean[i]) + ENLARGING.flat)), copy);
    const slope = steep.map((x) =>
      Math.max(-ENLARGING.steepest, Math.min(ENLARGING.steepest, x)));
    return { slope, rest: own.map((x, i) => x - slope[i] * seen[i]) };
  });
  const large = new ImageData(width, height);
  const columns = between(width, copy.width);
  const rows = between(height, copy.height);
  const photoSeen = luminance(photo.data);
  channels.forEach(({ slope, rest }, channel) => {
    for (let y = 0; y < height; y++) {
      const slopes = rowOf(slope, rows, y, copy.width);
      const rests = rowOf(rest, rows, y, copy.width);
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        // An ImageData rounds, and takes no less than 0 and no more than 255.
        large.data[4 * i + channel] = mixed(slopes, columns, x) * photoSeen[i] +
          mixed(rests, columns, x) + kept * photo.data[4 * i + channel];
        large.data[4 * i + 3] = 255;
      }
    }
  });
  return large;
}

function luminance(data) { // ITU-R BT.601
  return Float32Array.from({ length: data.length / 4 }, (_, i) =>
    0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
}

/* The mean of the square of pixels around each, the border's repeated. */
function boxMean(map, { width, height }) {
  const { radius } = ENLARGING;
  for (const [step, length] of [[1, width], [width, height]]) {
    map = map.map((_, i, old) => {
      const here = Math.floor(i / step) % length;
      let sum = 0;
      for (let away = -radius; away <= radius; away++) {
        const there = Math.max(0, Math.min(length - 1, here + away));
        sum += old[i + (there - here) * step];
      }
      return sum / (2 * radius + 1);
    });
  }
  return map;
}

/* Where each of many pixels lies among few: the one before it, the one after, and how far. */
function between(many, few) {
  const places = Array.from({ length: many }, (_, i) =>
    Math.max(0, Math.min(few - 1, (i + 0.5) * few / many - 0.5)));
  return {
    first: Int32Array.from(places, Math.floor),
    second: Int32Array.from(places, Math.ceil),
    share: Float32Array.from(places, (place) => place - Math.floor(place)),
  };
}
function mixed(values, { first, second, share }, i) {
  return values[first[i]] + share[i] * (values[second[i]] - values[first[i]]);
}
function rowOf(map, rows, y, width) {
  const above = map.subarray(rows.first[y] * width, (rows.first[y] + 1) * width);
  const below = map.subarray(rows.second[y] * width, (rows.second[y] + 1) * width);
  return above.map((value, x) => value + rows.share[y] * (below[x] - value));
}
