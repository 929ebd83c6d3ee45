package io.seine.agent.verdict;

/** What a connection runs over. */
public enum Transport {
  TCP,
  UDP,
  SCTP,
  /** An echo request of either family: it has no ports. */
  ICMP
}
