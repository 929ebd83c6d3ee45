package io.seine.sandbox;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.seine.sandbox.api.EmbeddedApiServer;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.node.OutsideClient;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A sandbox that is up, from whatever process: its nodes, its API, and the way into its pods. It
 * owns only its API client. May be used from any thread.
 */
public final class SandboxView implements AutoCloseable {
  private final Layout layout;
  private final SandboxState state;
  private final List<SandboxNode> nodes;
  private final KubernetesClient client;

  SandboxView(Layout layout, SandboxState state) {
    this.layout = layout;
    this.state = state;
    this.nodes =
        state.nodes().stream()
            .map(node -> new SandboxNode(layout, node.name(), node.podCidrs(), node.addresses()))
            .toList();
    this.client = client(state);
  }

  /**
   * The sandbox of that name, or without a name the only one there is.
   *
   * @throws SandboxException if there is none, or no telling which
   */
  public static SandboxView attach(Optional<String> name) {
    String chosen = name.orElseGet(SandboxView::onlyOne);
    Layout layout = new Layout(chosen);
    SandboxState state =
        SandboxState.read(layout)
            .orElseThrow(() ->
                new SandboxException(
                    "no sandbox '" + chosen + "' is up; `seine sandbox up` makes one"));
    return new SandboxView(layout, state);
  }

  /** The names of the sandboxes that are up. */
  public static List<String> names() {
    if (!Files.isDirectory(Layout.root())) {
      return List.of();
    }
    try (Stream<Path> directories = Files.list(Layout.root())) {
      return directories
          .map(directory -> directory.getFileName().toString())
          .filter(name -> Files.exists(new Layout(name).stateFile()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new SandboxException("cannot read " + Layout.root(), e);
    }
  }

  private static String onlyOne() {
    List<String> names = names();
    return switch (names.size()) {
      case 0 -> throw new SandboxException("no sandbox is up; `seine sandbox up` makes one");
      case 1 -> names.getFirst();
      default ->
          throw new SandboxException("several sandboxes are up, choose one with --name: " + names);
    };
  }

  public String name() {
    return layout.sandbox();
  }

  public Layout layout() {
    return layout;
  }

  public SandboxState state() {
    return state;
  }

  public KubernetesClient client() {
    return client;
  }

  public List<SandboxNode> nodes() {
    return nodes;
  }

  public SandboxNode node(String name) {
    return nodes.stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new SandboxException(
                "no node '"
                    + name
                    + "'; there are "
                    + String.join(", ", nodes.stream().map(SandboxNode::name).toList())));
  }

  /** The network outside the nodes, with the host that stands for the rest of the world. */
  public Namespace lan() {
    return new Namespace(layout.lanNamespace());
  }

  /**
   * Makes a host outside the cluster.
   *
   * @throws SandboxException if the name is taken or no name
   */
  public OutsideClient addClient(String name) {
    List<Boolean> v6 = state.podCidrs().stream().map(Cidr::isV6).toList();
    try {
      return OutsideClient.create(layout, name, v6);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new SandboxException(String.valueOf(e.getMessage()));
    }
  }

  /** The host outside the cluster of that name. */
  public OutsideClient client(String name) {
    return OutsideClient.find(layout, name)
        .orElseThrow(() ->
            new SandboxException(
                "no client '" + name + "'; `seine sandbox client " + name + "` makes one"));
  }

  /** The hosts outside the cluster that have been made. */
  public List<OutsideClient> clients() {
    return OutsideClient.all(layout);
  }

  /** The namespace of a pod that is connected; of a host-network pod, its node's. */
  public Namespace pod(String namespace, String name) {
    try {
      return new Namespace(Files.readString(layout.podFile(namespace, name)));
    } catch (IOException e) {
      throw new SandboxException("pod " + namespace + "/" + name + " is not connected on any node");
    }
  }

  public Namespace pod(Pod pod) {
    return pod(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }

  /** Stops a part of a node by a signal and starts it again. */
  public void restart(String node, SandboxNode.Part part, String signal) {
    node(node).restart(part, signal, JavaCommand.current());
  }

  @Override
  public void close() {
    client.close();
  }

  private static KubernetesClient client(SandboxState state) {
    if (state.kubeconfig().isEmpty()) {
      return EmbeddedApiServer.client(state.apiUrl());
    }
    Config config = Config.fromKubeconfig(Path.of(state.kubeconfig()).toFile());
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
