package io.seine.agent.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which domain names a peer means: one, or with {@code *.} before it all those below it, of however
 * many more labels (v1alpha2, DomainName).
 *
 * @param text in lower case, without a dot at its end
 */
public record DomainPattern(String text) implements Comparable<DomainPattern> {
  private static final String ALL_BELOW = "*";

  // As the API's validation has it.
  private static final Pattern VALID =
      Pattern.compile(
          "(\\*\\.)?([a-z0-9]([-a-z0-9_]*[a-z0-9])?\\.)+[a-z0-9]([-a-z0-9_]*[a-z0-9])?");

  /** Empty if the API does not allow it. */
  static Optional<DomainPattern> of(String written) {
    String text = written.toLowerCase(Locale.ROOT);
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    return VALID.matcher(name).matches() ? Optional.of(new DomainPattern(name)) : Optional.empty();
  }

  /**
   * Whether it means this name.
   *
   * @param name in lower case, without a dot at its end
   */
  public boolean matches(String name) {
    if (!text.startsWith(ALL_BELOW)) {
      return text.equals(name);
    }
    int rest = text.length() - ALL_BELOW.length();
    return name.length() > rest && name.endsWith(text.substring(ALL_BELOW.length()));
  }

  @Override
  public int compareTo(DomainPattern other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
