package io.seine.agent.host;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The agent's tables in nftables, replaced as a whole in one transaction: there is no moment
 * without rules, and nothing of another program's is touched. They stay when the agent stops. One
 * {@code nft} process for each change or look. Not thread safe: one thread owns it.
 */
public final class PacketFilter {
  private static final List<List<String>> TABLES =
      List.of(List.of("inet", "seine"), List.of("arp", "seine"));

  private final Nft nft;
  private Optional<String> applied = Optional.empty();
  private String shownAfterwards = "";

  /**
   * @param nft of the namespace that the agent runs in
   */
  public PacketFilter(Nft nft) {
    this.nft = nft;
  }

  /**
   * Makes the rules what {@code rules} says, unless they are that already.
   *
   * @return whether anything had to be changed
   * @throws IOException if nft is not there, or refused, with its own words
   */
  public boolean reconcile(String rules) throws IOException, InterruptedException {
    if (applied.equals(Optional.of(rules)) && show().equals(shownAfterwards)) {
      return false;
    }
    nft.apply(rules);
    applied = Optional.of(rules);
    shownAfterwards = show();
    return true;
  }

  private String show() throws IOException, InterruptedException {
    StringBuilder all = new StringBuilder();
    for (List<String> table : TABLES) {
      all.append(nft.run("", "list", "table", table.get(0), table.get(1)).output());
    }
    return all.toString();
  }
}
