package io.seine.sandbox.node;

import java.nio.file.Path;

/**
 * Where a sandbox keeps its files and what it calls its namespaces. All derive from its name, so
 * that whoever cleans up needs nothing else.
 *
 * @param sandbox the sandbox's name, lower-case letters and digits
 */
public record Layout(String sandbox) {
  private static final Path ROOT = Path.of("/run/seine/sandbox");

  public static Path root() {
    return ROOT;
  }

  public Path directory() {
    return ROOT.resolve(sandbox);
  }

  public Path stateFile() {
    return directory().resolve("state.json");
  }

  /** Beside the directory, not in it: it is there before the sandbox is. */
  public Path daemonPid() {
    return ROOT.resolve(sandbox + ".pid");
  }

  public Path daemonLog() {
    return ROOT.resolve(sandbox + ".log");
  }

  /** Holds a file for each connected pod, with the name of its namespace in it. */
  public Path podsDirectory() {
    return directory().resolve("pods");
  }

  public Path podFile(String namespace, String pod) {
    return podsDirectory().resolve(namespace + "_" + pod);
  }

  /** Holds a file for each client outside the cluster, with its addresses in it. */
  public Path clientsDirectory() {
    return directory().resolve("clients");
  }

  public String clientNamespace(String client) {
    return namespacePrefix() + "c-" + client;
  }

  public Path nodeDirectory(String node) {
    return directory().resolve(node);
  }

  /** What every namespace of this sandbox starts with. */
  public String namespacePrefix() {
    return "seine-" + sandbox + "-";
  }

  public String lanNamespace() {
    return namespacePrefix() + "lan";
  }

  public String nodeNamespace(String node) {
    return namespacePrefix() + node;
  }

  public String podNamespacePrefix() {
    return namespacePrefix() + "p-";
  }
}
