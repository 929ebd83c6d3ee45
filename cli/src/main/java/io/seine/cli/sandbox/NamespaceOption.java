package io.seine.cli.sandbox;

import picocli.CommandLine.Option;

/** Which namespace of the cluster a name is in. */
final class NamespaceOption {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      defaultValue = "default",
      description = "Default: default.")
  private String namespace = "default";

  String namespace() {
    return namespace;
  }
}
