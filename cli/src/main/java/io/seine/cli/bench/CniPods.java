package io.seine.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.cli.bench.CniPlugin.Container;
import io.seine.sandbox.CniPlugins;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Pods of a node of Seine's, connected by running its CNI executable. */
final class CniPods {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CniPods() {}

  /** Connects as many pods as {@link BenchPods} wants; the node's agent must be ready. */
  static BenchPods connect(SandboxView view, SandboxNode node) throws IOException {
    Path directory = Files.createDirectory(view.layout().nodeDirectory(node.name()).resolve("cni"));
    String config =
        """
        {"cniVersion": "1.1.0", "name": "seine", "type": "seine-cni", "agentSocket": "%s"}
        """
            .formatted(node.agent().cniSocket());
    Path file = Files.writeString(directory.resolve("seine.conf"), config);
    var plugin = new CniPlugin("seine-cni", CniPlugins.find(), file, node.namespace(), directory);
    List<BenchPods.Pod> pods = new ArrayList<>();
    for (int i = 0; i < BenchPods.CLIENTS + BenchPods.SERVERS; i++) {
      String name = view.layout().podNamespacePrefix() + node.name() + "-" + i;
      Container container = new Container(i, Namespace.create(name));
      var _ = node.namespace().call(() -> plugin.checked("ADD", container));
      pods.add(new BenchPods.Pod(container.netns(), address(plugin.answer(container))));
    }
    return BenchPods.of(pods);
  }

  /** The first address of a CNI result. */
  static String address(String result) throws JsonProcessingException {
    String address = JSON.readTree(result).path("ips").path(0).path("address").asText();
    if (address.isEmpty()) {
      throw new IllegalStateException("ADD answered without an address: " + result);
    }
    return address.split("/", 2)[0];
  }
}
