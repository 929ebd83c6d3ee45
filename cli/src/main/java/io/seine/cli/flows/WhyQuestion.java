package io.seine.cli.flows;

/**
 * What is asked.
 *
 * @param source who connects
 * @param target to whom, as written
 * @param via the node by which comes what is from outside; empty for any
 */
record WhyQuestion(WhyCluster cluster, WhyParty source, WhyTarget target, String via) {}
