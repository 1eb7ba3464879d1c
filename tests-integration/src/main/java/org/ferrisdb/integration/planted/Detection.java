package org.ferrisdb.integration.planted;

/**
 * What came of one bug.
 *
 * @param bug which
 * @param found whether the harness said that something is wrong
 * @param tries runs until then, each with a seed of its own
 * @param seconds of wall time until then, starting the clusters included
 * @param how the first line of what was wrong; why not, where nothing was
 */
record Detection(PlantedBug bug, boolean found, int tries, long seconds, String how) {}
