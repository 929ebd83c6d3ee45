package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.pipeline.Addresses;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The packet filter's table for services, and changes of its elements, as text; pure. */
final class DiversionRules {
  static final String FAMILY = "inet";

  /** Apart from the other rules: those are replaced as a whole, and there are few of them. */
  static final String NAME = "seine-services";

  private static final String TABLE = FAMILY + " " + NAME;

  private static final String SETS =
      """
      	map external4 {
      		type ipv4_addr . inet_proto . inet_service : ipv4_addr
      	}
      	map external6 {
      		type ipv6_addr . inet_proto . inet_service : ipv6_addr
      	}
      	set own4 {
      		type ipv4_addr
      	}
      	set own6 {
      		type ipv6_addr
      	}
      	set nodeports4 {
      		type inet_proto . inet_service
      	}
      	set nodeports6 {
      		type inet_proto . inet_service
      	}
      """;

  private final String gatewayPort;

  /**
   * @param gatewayPort what comes in there is the switch's own, and stays as it is
   */
  DiversionRules(String gatewayPort) {
    this.gatewayPort = gatewayPort;
  }

  /**
   * Makes the table with these elements, in the place of what it was. Connections that are there go
   * on: only their first packet asks the table.
   */
  String anew(Collection<Element> elements) {
    return "table %s {\n}\ndelete table %s\n".formatted(TABLE, TABLE)
        + "table %s {\n%s%s}\n".formatted(TABLE, SETS, chains())
        + change(List.of(), elements);
  }

  /** Puts the rules back as they ought to be, and leaves the elements alone. */
  String rulesAnew() {
    return "table %s {\n%s%s}\n".formatted(TABLE, SETS, emptyChains())
        + "flush table %s\n".formatted(TABLE)
        + "table %s {\n%s}\n".formatted(TABLE, chains());
  }

  /** Takes elements out, and then puts elements in. */
  String change(Collection<Element> removed, Collection<Element> added) {
    StringBuilder script = new StringBuilder();
    statements("delete", removed, script);
    statements("add", added, script);
    return script.toString();
  }

  private String chains() {
    return """
    	chain divert {
    		meta l4proto != { tcp, udp, sctp } return
    		dnat ip to ip daddr . meta l4proto . th dport map @external4
    		dnat ip6 to ip6 daddr . meta l4proto . th dport map @external6
    		ip daddr @own4 meta l4proto . th dport @nodeports4 dnat ip to %s
    		ip6 daddr @own6 meta l4proto . th dport @nodeports6 dnat ip6 to %s
    	}
    	chain prerouting {
    		type nat hook prerouting priority dstnat; policy accept;
    		iifname != "%s" jump divert
    	}
    	chain output {
    		type nat hook output priority -100; policy accept;
    		jump divert
    	}
    """
        .formatted(Addresses.nodePort(Family.IPV4), Addresses.nodePort(Family.IPV6), gatewayPort);
  }

  private static String emptyChains() {
    return """
    	chain divert {
    	}
    	chain prerouting {
    		type nat hook prerouting priority dstnat; policy accept;
    	}
    	chain output {
    		type nat hook output priority -100; policy accept;
    	}
    """;
  }

  private static void statements(String verb, Collection<Element> elements, StringBuilder script) {
    Map<String, List<String>> bySet = new TreeMap<>();
    for (Element element : elements) {
      bySet
          .computeIfAbsent(set(element), name -> new ArrayList<>())
          .add(text(element, verb.equals("add")));
    }
    bySet.forEach((set, texts) ->
        script.append(
            "%s element %s %s { %s }\n"
                .formatted(
                    verb, TABLE, set, texts.stream().sorted().collect(Collectors.joining(", ")))));
  }

  private static String set(Element element) {
    String name =
        switch (element) {
          case Diversion.External _ -> "external";
          case Diversion.NodePort _ -> "nodeports";
          case Element.Own _ -> "own";
        };
    return name + (element.family() == Family.IPV4 ? "4" : "6");
  }

  private static String text(Element element, boolean withValue) {
    return switch (element) {
      case Diversion.External e ->
          "%s . %s . %d".formatted(e.address(), protocol(e), e.port())
              + (withValue ? " : " + e.standIn() : "");
      case Diversion.NodePort n -> "%s . %d".formatted(protocol(n), n.port());
      case Element.Own o -> o.address().toString();
    };
  }

  private static String protocol(Diversion diversion) {
    return diversion.protocol().name().toLowerCase(Locale.ROOT);
  }
}
