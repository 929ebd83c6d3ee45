package io.seine.cli.flows;

import io.seine.cli.SandboxOption;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One node, or all of them. */
public final class NodeChoice {
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Option(names = "--node", paramLabel = "N", description = "One node; default: all.")
  private Optional<String> node = Optional.empty();

  public SandboxView attach() {
    return sandbox.attach();
  }

  public List<SandboxNode> of(SandboxView view) {
    return node.map(name -> List.of(view.node(name))).orElseGet(view::nodes);
  }
}
