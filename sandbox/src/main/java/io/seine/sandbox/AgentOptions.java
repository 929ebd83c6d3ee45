package io.seine.sandbox;

import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The configuration that a node's agent gets in a sandbox. */
public final class AgentOptions {
  private AgentOptions() {}

  /** The options by name, as the configuration file has them. */
  public static Map<String, Object> of(
      SandboxSpec spec, SandboxNode node, SandboxView view, InetSocketAddress apiOnNode) {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("nodeName", node.name());
    if (spec.kubeconfig().isPresent()) {
      options.put("kubeconfig", nodeKubeconfig(spec.kubeconfig().get(), node, view, apiOnNode));
    } else {
      options.put(
          "apiServer",
          "http://%s:%d".formatted(apiOnNode.getAddress().getHostAddress(), apiOnNode.getPort()));
    }
    options.put("ovsdbSocket", node.ovs().database().toString());
    options.put("ovsRunDir", node.ovs().directory().toString());
    options.put("datapathType", "netdev");
    options.put("transportAddress", node.address());
    options.put("serviceCidrs", spec.serviceCidrs());
    options.put("clusterPodCidrs", spec.podCidrs());
    options.put("enableIpForwarding", true);
    options.put("cniSocket", node.agent().cniSocket().toString());
    options.put("httpAddress", "127.0.0.1");
    options.put("httpPort", AgentProcess.HTTP_PORT);
    options.putAll(spec.agentOptions());
    return options;
  }

  /**
   * The kubeconfig with the server's address replaced by its address on the node. The certificate
   * is then for another name, so it must be an address that it also covers: 127.0.0.1 is the usual
   * one.
   */
  private static String nodeKubeconfig(
      Path original, SandboxNode node, SandboxView view, InetSocketAddress apiOnNode) {
    String server = view.client().getConfiguration().getMasterUrl().replaceAll("/+$", "");
    String scheme = server.startsWith("https") ? "https" : "http";
    Path copy = view.layout().nodeDirectory(node.name()).resolve("kubeconfig");
    try {
      String text = Files.readString(original);
      if (!text.contains(server)) {
        throw new SandboxException(original + " does not name its server as " + server);
      }
      Files.writeString(
          copy,
          text.replace(
              server,
              "%s://%s:%d"
                  .formatted(
                      scheme, apiOnNode.getAddress().getHostAddress(), apiOnNode.getPort())));
    } catch (IOException e) {
      throw new SandboxException("cannot copy " + original, e);
    }
    return copy.toString();
  }
}
