package io.seine.agent.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Netlink;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether kube-proxy serves on this node too. Both would translate the same connections, the first
 * one to see a packet would win, and each would clear away what it takes for stale. It is known by
 * its answer to {@code GET /proxyMode} where it serves its metrics.
 */
public final class KubeProxyCheck {
  private static final Set<String> MODES = Set.of("iptables", "ipvs", "nftables", "userspace");
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int LONGEST_ANSWER = 64;
  private static final ObjectMapper JSON = new ObjectMapper();

  private KubeProxyCheck() {}

  /** What is wrong and what to do about it; empty if kube-proxy does not run here. */
  public static Optional<String> running() {
    return running(
        List.of(
            URI.create("http://127.0.0.1:10249/proxyMode"),
            URI.create("http://[::1]:10249/proxyMode")));
  }

  static Optional<String> running(List<URI> places) {
    for (URI place : places) {
      Optional<String> mode = mode(place);
      if (mode.isPresent()) {
        return Optional.of(
            "kube-proxy runs on this node (%s answers '%s'), and the two would undo each other's work: remove kube-proxy from the cluster ('kubectl -n kube-system delete daemonset kube-proxy'), run 'kube-proxy --cleanup' on the node, and start again; or set 'serviceProxyName' so that each serves other services"
                .formatted(place, mode.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> mode(URI place) {
    try {
      HttpURLConnection connection = (HttpURLConnection) place.toURL().openConnection();
      connection.setConnectTimeout((int) TIMEOUT.toMillis());
      connection.setReadTimeout((int) TIMEOUT.toMillis());
      try (var body = connection.getInputStream()) {
        String answer = new String(body.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8).strip();
        return Optional.of(answer).filter(MODES::contains);
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return Optional.empty(); // nobody there, or somebody else
    }
  }

  /**
   * What a kube-proxy that does not run any more has left in the kernel: it goes on translating.
   *
   * @return what was found and what to do about it; empty if there is nothing
   * @throws IOException if the kernel cannot be asked
   */
  public static Optional<String> leftOver(Nft nft, Netlink netlink)
      throws IOException, InterruptedException {
    List<String> found = new ArrayList<>();
    Nft.Outcome chains = nft.run("", "-j", "list", "chains");
    if (chains.exitCode() == 0) {
      found.addAll(leftOverChains(JSON.readTree(chains.output())));
    }
    if (netlink.links().stream().map(Link::name).anyMatch("kube-ipvs0"::equals)) {
      found.add("device kube-ipvs0");
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "rules of kube-proxy are left on this node and go on translating connections to services as they were then: %s; run 'kube-proxy --cleanup' on the node, or reboot it"
                .formatted(String.join(", ", found)));
  }

  /** From {@code nft -j list chains}, which shows those of iptables too where it is nft inside. */
  static List<String> leftOverChains(JsonNode listing) {
    List<String> found = new ArrayList<>();
    for (JsonNode item : listing.path("nftables")) {
      JsonNode chain = item.path("chain");
      String table = chain.path("table").asText();
      String family = chain.path("family").asText();
      String what =
          table.equals("kube-proxy")
              ? "nftables table %s kube-proxy".formatted(family)
              : "%s chain KUBE-SERVICES in table %s"
                  .formatted(family.equals("ip6") ? "ip6tables" : "iptables", table);
      boolean services = chain.path("name").asText().equals("KUBE-SERVICES");
      if ((table.equals("kube-proxy") || services) && !found.contains(what)) {
        found.add(what);
      }
    }
    return found;
  }
}
