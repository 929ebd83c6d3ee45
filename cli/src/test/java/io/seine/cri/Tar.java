package io.seine.cri;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * A tar archive under construction, in POSIX.1-1988 (ustar) form: regular files and the directories
 * above them.
 */
final class Tar {

  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Set<String> directories = new HashSet<>();

  /**
   * Adds a file of root's, and before it the directories above it; {@code path} has at most 100
   * bytes and no leading slash.
   */
  Tar file(String path, int mode, byte[] content) {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      String directory = path.substring(0, slash + 1);
      if (directories.add(directory)) {
        out.writeBytes(header(directory, 0755, 0, '5'));
      }
    }
    out.writeBytes(header(path, mode, content.length, '0'));
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & (BLOCK - 1)]);
    return this;
  }

  /** The archive's bytes, with the two empty blocks that end it. */
  byte[] finish() {
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private static byte[] header(String path, int mode, int size, char type) {
    byte[] header = new byte[BLOCK];
    put(header, 0, path);
    put(header, 100, "%07o".formatted(mode));
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, "%011o".formatted(size));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    int checksum = 0;
    for (byte value : header) {
      checksum += value & 0xff;
    }
    put(header, 148, "%06o".formatted(checksum));
    header[154] = 0;
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
