/**
 * What clients saw, and whether it can have been.
 *
 * <p>A {@link org.ferrisdb.integration.registers.History} records the start and the end of every
 * operation; the {@link org.ferrisdb.integration.registers.RegisterChecker} decides whether some
 * order of the operations, each placed between its start and its end, explains all results (Herlihy
 * and Wing's linearizability; the search is Wing and Gong's with Lowe's memory of configurations
 * seen, as in Knossos and Porcupine). Planted wrong histories prove that it can say no.
 */
@NullMarked
package org.ferrisdb.integration.registers;

import org.jspecify.annotations.NullMarked;
