package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;

/**
 * DELs that the agent could not be asked for. Each is one file in {@code deferred-del}, beside the
 * agent's socket unless {@code stateDir} says otherwise, which the agent carries out and removes.
 * The content is the encoded {@code InvokeRequest}; the name tells container and interface apart
 * and ends in {@code .pb}; a name that begins with a dot is a file still being written.
 *
 * <p>The same attachment always has the same name, so that a DEL which comes again replaces its
 * record, and a later success removes it.
 */
final class DeferredDel {
  private static final String DIRECTORY = "/deferred-del";
  private static final int MAX_PREFIX = 150;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final Os os;
  private final String stateDir;
  private final String name;

  DeferredDel(Os os, Config config, Environment environment) {
    this.os = os;
    this.stateDir = config.stateDir();
    this.name = name(environment.containerId(), environment.ifname());
  }

  /** Puts the record in place, on disk when this returns. */
  void record(byte[] request) throws OsException {
    os.makeDirectory(stateDir);
    os.makeDirectory(stateDir + DIRECTORY);
    os.replaceFile(stateDir + DIRECTORY, name, request);
  }

  /**
   * Drops an earlier record: the agent has since answered for the same attachment, and a replay
   * would undo what it did.
   */
  void forget() {
    os.removeFile(stateDir + DIRECTORY + "/" + name);
  }

  /**
   * The file's name: {@code <container id>@<interface>.pb}. A container id has no '@', '~' or '%'
   * and no leading dot; one that is too long for a file name is cut and followed by '~' and a hash
   * of the whole. Of the interface's name all but letters and digits is written as '%' and two
   * hexadecimal digits.
   */
  static String name(byte[] containerId, byte[] ifname) {
    StringBuilder name = new StringBuilder();
    name.append(
        new String(
            containerId, 0, Math.min(containerId.length, MAX_PREFIX), StandardCharsets.ISO_8859_1));
    if (containerId.length > MAX_PREFIX) {
      long hash = FNV_OFFSET;
      for (byte b : containerId) {
        hash = (hash ^ (b & 0xff)) * FNV_PRIME;
      }
      name.append('~');
      for (int shift = 60; shift >= 0; shift -= 4) {
        name.append(hex((int) (hash >>> shift)));
      }
    }
    name.append('@');
    for (byte b : ifname) {
      if (Environment.isAlphanumeric(b)) {
        name.append((char) b);
      } else {
        name.append('%').append(hex(b >> 4)).append(hex(b));
      }
    }
    return name.append(".pb").toString();
  }

  private static char hex(int digit) {
    return "0123456789abcdef".charAt(digit & 0xf);
  }
}
