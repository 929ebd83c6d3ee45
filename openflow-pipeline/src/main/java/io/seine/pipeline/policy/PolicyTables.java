package io.seine.pipeline.policy;

import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import java.util.Optional;

/** Where the flows of each direction are. */
public enum PolicyTables {
  INGRESS(
      Table.INGRESS_POLICY,
      Table.INGRESS_PEERS,
      Table.INGRESS_BLOCKS,
      Table.INGRESS_ADMIN,
      Table.INGRESS_NETWORK_POLICY,
      Table.INGRESS_BASELINE,
      Table.COMMIT),
  EGRESS(
      Table.EGRESS_POLICY,
      Table.EGRESS_PEERS,
      Table.EGRESS_BLOCKS,
      Table.EGRESS_ADMIN,
      Table.EGRESS_NETWORK_POLICY,
      Table.EGRESS_BASELINE,
      Table.ROUTING);

  private final Table gate;
  private final Table peers;
  private final Table blocks;
  private final Table admin;
  private final Table networkPolicy;
  private final Table baseline;
  private final Table past;

  PolicyTables(
      Table gate,
      Table peers,
      Table blocks,
      Table admin,
      Table networkPolicy,
      Table baseline,
      Table past) {
    this.gate = gate;
    this.peers = peers;
    this.blocks = blocks;
    this.admin = admin;
    this.networkPolicy = networkPolicy;
    this.baseline = baseline;
    this.past = past;
  }

  public static PolicyTables of(Direction direction) {
    return direction == Direction.INGRESS ? INGRESS : EGRESS;
  }

  /** The direction in which a table judges; empty if it judges nothing. */
  public static Optional<Direction> judging(Table table) {
    for (Direction direction : Direction.values()) {
      for (Tier tier : Tier.values()) {
        if (of(direction).tier(tier) == table) {
          return Optional.of(direction);
        }
      }
    }
    return Optional.empty();
  }

  public Table gate() {
    return gate;
  }

  public Table peers() {
    return peers;
  }

  public Table blocks() {
    return blocks;
  }

  public Table tier(Tier tier) {
    return switch (tier) {
      case ADMIN -> admin;
      case NETWORK_POLICY -> networkPolicy;
      case BASELINE -> baseline;
    };
  }

  /** Where a packet goes when the tier does not decide. */
  public Table after(Tier tier) {
    return switch (tier) {
      case ADMIN -> networkPolicy;
      case NETWORK_POLICY -> baseline;
      case BASELINE -> past;
    };
  }

  /** Where an allowed packet goes. */
  public Table past() {
    return past;
  }

  /** The register of the rule that decided. */
  public NamedBits rule() {
    return this == INGRESS ? Registers.INGRESS_RULE : Registers.EGRESS_RULE;
  }
}
