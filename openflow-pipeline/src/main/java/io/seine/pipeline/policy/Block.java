package io.seine.pipeline.policy;

import io.seine.openflow.IpPrefix;
import java.util.Set;

/**
 * A block of addresses less some smaller ones.
 *
 * @param except not empty, of the block's family, each within it
 */
public record Block(IpPrefix cidr, Set<IpPrefix> except) {
  public Block {
    except = Set.copyOf(except);
    if (except.isEmpty()) {
      throw new IllegalArgumentException("nothing is taken from " + cidr);
    }
  }
}
