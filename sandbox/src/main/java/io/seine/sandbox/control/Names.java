package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** Names and numbers derived from other names, the same on every run. */
public final class Names {
  private Names() {}

  /** So many hex digits, at most 40, that depend on the whole text. */
  public static String hash(String text, int digits) {
    return HexFormat.of().formatHex(digest(text)).substring(0, digits);
  }

  /** A number from 0 up to the bound, exclusive. */
  static long number(String text, long bound) {
    long value = 0;
    byte[] digest = digest(text);
    for (int i = 0; i < 7; i++) {
      value = value << 8 | (digest[i] & 0xff);
    }
    return value % bound;
  }

  /** An object's labels. */
  static Map<String, String> labels(HasMetadata object) {
    return Objects.requireNonNullElse(object.getMetadata().getLabels(), Map.of());
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every JDK has SHA-1", e);
    }
  }
}
