package io.seine.agent.config;

/** {@code docs/configuration.md}, made from the option definitions. */
public final class ConfigDocument {
  private static final String HEAD =
      """
      # Configuration of the agent

      The agent reads one YAML file, named by `--config FILE`. It holds `option: value` lines. Every
      mistake in it is reported with file, line and column, and the agent does not start with any.
      The file is read once, at the start; restarting the agent to change an option disturbs no
      traffic.

      This page is made from the option definitions in
      `agent/src/main/java/io/seine/agent/config/Options.java`; a test keeps the two the same.

      """;

  private ConfigDocument() {}

  public static String markdown() {
    StringBuilder out = new StringBuilder(HEAD);
    out.append("| option | takes | default |\n|---|---|---|\n");
    for (Option<?> option : Options.all()) {
      out.append(
          "| [`%s`](#%s) | %s | %s |\n"
              .formatted(
                  option.key(),
                  option.key().toLowerCase(java.util.Locale.ROOT),
                  kind(option),
                  fallback(option)));
    }
    for (Option<?> option : Options.all()) {
      out.append("\n## %s\n\n%s\n".formatted(option.key(), option.description()));
    }
    return out.toString();
  }

  private static String kind(Option<?> option) {
    return option.list() ? "list of " + option.kind() : option.kind();
  }

  private static String fallback(Option<?> option) {
    if (option.required()) {
      return "none: must be set";
    }
    return option.defaultText().map(text -> "`" + text + "`").orElse("");
  }
}
