package io.seine.cni.plugin;

import java.util.Arrays;
import java.util.Random;

/**
 * Damage to a byte sequence: one to three of flipped bits, set, removed, repeated or inserted
 * bytes, and cuts.
 */
final class Mutations {
  private Mutations() {}

  static byte[] of(byte[] original, Random random) {
    byte[] bytes = original.clone();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count && bytes.length > 1; i++) {
      bytes = mutate(bytes, random);
    }
    return bytes;
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(12, bytes.length));
    int end = Math.min(bytes.length, at + length);
    return switch (random.nextInt(6)) {
      case 0 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 1 -> {
        bytes[at] = (byte) random.nextInt(256);
        yield bytes;
      }
      case 2 ->
          Frames.concat(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
      case 3 ->
          Frames.concat(Arrays.copyOf(bytes, end), Arrays.copyOfRange(bytes, at, bytes.length));
      case 4 -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        yield Frames.concat(
            Arrays.copyOf(bytes, at), noise, Arrays.copyOfRange(bytes, at, bytes.length));
      }
      default -> Arrays.copyOf(bytes, at);
    };
  }
}
