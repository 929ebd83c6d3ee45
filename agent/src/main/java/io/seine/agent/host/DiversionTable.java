package io.seine.agent.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the kernel has of the table for services.
 *
 * @param rules chains, rules and sets without their elements and handles, to be compared with
 *     another look
 * @param elements by key
 */
record DiversionTable(List<JsonNode> rules, Map<ElementKey, Element> elements) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the table.
   *
   * @return empty if there is none, or one that Seine did not make
   * @throws IOException if nft is not there
   */
  static Optional<DiversionTable> read(Nft nft) throws IOException, InterruptedException {
    Nft.Outcome outcome =
        nft.run("", "-j", "list", "table", DiversionRules.FAMILY, DiversionRules.NAME);
    if (outcome.exitCode() != 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(JSON.readTree(outcome.output())));
    } catch (IllegalArgumentException | com.fasterxml.jackson.core.JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads what {@code nft -j} prints.
   *
   * @throws IllegalArgumentException if there is a set, or an element, that Seine does not make
   */
  static DiversionTable parse(JsonNode listing) {
    List<JsonNode> rules = new ArrayList<>();
    Map<ElementKey, Element> elements = new HashMap<>();
    for (JsonNode item : listing.path("nftables")) {
      if (item.has("metainfo") || item.has("table")) {
        continue;
      }
      for (JsonNode body : item) {
        if (body instanceof ObjectNode object) {
          object.remove("handle");
          JsonNode members = object.remove("elem");
          if (members != null) {
            String set = object.path("name").asText();
            members.forEach(member -> {
              Element element = element(set, member);
              elements.put(element.key(), element);
            });
          }
        }
      }
      rules.add(item);
    }
    return new DiversionTable(List.copyOf(rules), elements);
  }

  private static Element element(String set, JsonNode member) {
    return switch (set) {
      case "external4", "external6" -> {
        JsonNode key = member.path(0).path("concat");
        yield new Diversion.External(
            Ip.parse(key.path(0).asText()),
            protocol(key.path(1)),
            port(key.path(2)),
            Ip.parse(member.path(1).asText()));
      }
      case "nodeports4", "nodeports6" -> {
        JsonNode key = member.path("concat");
        Family family = set.endsWith("4") ? Family.IPV4 : Family.IPV6;
        yield new Diversion.NodePort(family, protocol(key.path(0)), port(key.path(1)));
      }
      case "own4", "own6" -> new Element.Own(Ip.parse(member.asText()));
      default -> throw new IllegalArgumentException("Seine makes no set " + set);
    };
  }

  private static Protocol protocol(JsonNode name) {
    return Protocol.valueOf(name.asText().toUpperCase(Locale.ROOT));
  }

  private static int port(JsonNode number) {
    if (!number.isInt()) {
      throw new IllegalArgumentException(number + " is not a port");
    }
    return number.asInt();
  }
}
