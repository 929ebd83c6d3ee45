package io.seine.agent.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration file cannot be used. The message has one line for each mistake in it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Mistake> mistakes;

  /**
   * @param line and {@code column} count from 1; 0 when the mistake is of the whole file
   */
  public record Mistake(int line, int column, String text) {}

  public ConfigException(String file, List<Mistake> mistakes) {
    super(
        mistakes.stream()
            .map(m ->
                m.line() == 0
                    ? file + ": " + m.text()
                    : file + ":" + m.line() + ":" + m.column() + ": " + m.text())
            .collect(Collectors.joining("\n")));
    this.mistakes = List.copyOf(mistakes);
  }

  public List<Mistake> mistakes() {
    return mistakes;
  }
}
