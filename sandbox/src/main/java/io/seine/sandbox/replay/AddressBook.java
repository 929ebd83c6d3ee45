package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which addresses the actors of a case have.
 *
 * @param actors pods ({@code ns/name}), nodes and hosts outside: one address of a family
 * @param podNetworks by node: one of a family
 */
public record AddressBook(Map<String, List<Ip>> actors, Map<String, List<IpPrefix>> podNetworks) {
  private static final Pattern PLACE = Pattern.compile("\\{([-a-z0-9/]+)(\\.pods)?(:6)?}");

  public AddressBook {
    actors = Map.copyOf(actors);
    podNetworks = Map.copyOf(podNetworks);
  }

  /**
   * Those that nobody else gives out: node 2 has 192.0.2.2 and the pods in 10.0.2.0/24, the first
   * host outside 198.51.100.1. A pod that comes again has its address again.
   */
  public static AddressBook of(Case owner) {
    Map<String, List<Ip>> actors = new LinkedHashMap<>();
    Map<String, List<IpPrefix>> networks = new LinkedHashMap<>();
    List<Scene> scenes =
        Stream.concat(Stream.of(owner.start()), owner.steps().stream().map(Step::scene)).toList();
    for (Scene scene : scenes) {
      for (String node : scene.nodes().keySet()) {
        if (!networks.containsKey(node)) {
          int number = networks.size() + 1;
          networks.put(node, prefixes(owner, "10.0.%d.0/24", "fd00:10:0:%x::/64", number));
          actors.put(node, ips(owner, "192.0.2.%d", "2001:db8::%x", number));
        }
      }
    }
    Map<String, Integer> podsOf = new HashMap<>();
    for (Scene scene : scenes) {
      for (PodSpec pod : scene.pods().values()) {
        String name = pod.key().toString();
        if (actors.containsKey(name)) {
          continue;
        }
        int number = podsOf.merge(pod.node(), 1, Integer::sum) + 1;
        actors.put(
            name,
            pod.hostNetwork()
                ? there(actors, pod.node())
                : there(networks, pod.node()).stream()
                    .map(network -> network.network().plus(number))
                    .toList());
      }
    }
    int host = 0;
    for (Map.Entry<String, List<Ip>> outside : owner.outside().entrySet()) {
      host++;
      actors.put(
          outside.getKey(),
          outside.getValue().isEmpty()
              ? ips(owner, "198.51.100.%d", "2001:db8:f::%x", host)
              : outside.getValue());
    }
    return new AddressBook(actors, networks);
  }

  private static <V> V there(Map<String, V> ofNodes, String node) {
    return Optional.ofNullable(ofNodes.get(node))
        .orElseThrow(() -> new CaseException("no node is called " + node));
  }

  private static List<Ip> ips(Case owner, String v4, String v6, int number) {
    List<Ip> ips = new ArrayList<>();
    for (Family family : owner.families()) {
      ips.add(Ip.parse((family == Family.IPV4 ? v4 : v6).formatted(number)));
    }
    return ips;
  }

  private static List<IpPrefix> prefixes(Case owner, String v4, String v6, int number) {
    return owner.families().stream()
        .map(f -> IpPrefix.parse((f == Family.IPV4 ? v4 : v6).formatted(number)))
        .toList();
  }

  /** All of an actor's. */
  public List<Ip> of(String actor) {
    return Optional.ofNullable(actors.get(actor))
        .orElseThrow(() -> new CaseException("nobody is called " + actor));
  }

  public List<Ip> of(ObjectKey pod) {
    return of(pod.toString());
  }

  /** An actor's of this family, if it has one. */
  public Optional<Ip> of(String actor, Family family) {
    return of(actor).stream().filter(ip -> ip.family() == family).findFirst();
  }

  public List<IpPrefix> podNetworks(String node) {
    return Optional.ofNullable(podNetworks.get(node))
        .orElseThrow(() -> new CaseException("no node is called " + node));
  }

  /** By which a node speaks to its pods: the first of each of its pod networks. */
  public List<Ip> gateways(String node) {
    return podNetworks(node).stream().map(network -> network.network().plus(1)).toList();
  }

  /** The text with addresses in the place of names, see {@link Manifest}. */
  String fill(String text) {
    return PLACE.matcher(text).replaceAll(this::filled);
  }

  private String filled(MatchResult found) {
    String name = found.group(1);
    boolean sixth = found.group(3) != null;
    return found.group(2) == null
        ? one(of(name), Ip::family, sixth, name)
        : one(podNetworks(name), IpPrefix::family, sixth, name);
  }

  /** The first that there is, unless IPv6 is asked for. */
  private static <A> String one(
      List<A> addresses, Function<A, Family> family, boolean sixth, String name) {
    return addresses.stream()
        .filter(a -> !sixth || family.apply(a) == Family.IPV6)
        .findFirst()
        .orElseThrow(() -> new CaseException(name + " has no such address"))
        .toString();
  }
}
