package io.seine.cli.flows;

import io.seine.openflow.InstalledFlow;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
import java.util.Optional;

/**
 * One flow with what is known of it.
 *
 * @param owner whose it is, by the facts; empty for what nobody wants
 * @param match in words
 * @param actions in words
 */
record FlowLine(InstalledFlow installed, Optional<Owner> owner, String match, String actions) {

  /** The owner, or what stands in its place. */
  String ownerText() {
    return owner
        .map(Owner::toString)
        .orElseGet(() ->
            Cookie.fits(installed.cookie(), installed.flow())
                ? "stale"
                : Cookie.kind(installed.cookie()).isPresent() ? "altered" : "foreign");
  }

  /** Equal for flows that differ only in whom they are for. */
  String shape() {
    String shape = installed.flow().table() + " " + installed.flow().priority() + " " + ownerKind();
    return shape + " " + anonymous(match) + " " + anonymous(actions);
  }

  String ownerKind() {
    return owner
        .map(o -> o.kind().toString().toLowerCase(java.util.Locale.ROOT))
        .orElse(ownerText());
  }

  /** The words with names and numbers taken out. */
  private static String anonymous(String words) {
    return words
        .replaceAll("(pod|service|node) [^ ,]+", "$1 *")
        .replaceAll("pods of [^ ]+", "pods of *")
        .replaceAll("[0-9a-f]{2}(:[0-9a-f]{2}){5}", "*")
        .replaceAll("[0-9]+(\\.[0-9]+){3}(/[0-9]+)?(:[0-9]+)?", "*")
        .replaceAll("(port|group) [0-9]+", "$1 *")
        .replaceAll("one of .* \\(group", "one of * (group");
  }
}
