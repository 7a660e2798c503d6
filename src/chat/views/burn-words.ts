// Burn and runway in words.
import { formatUsd } from '../../core/money.ts';
import type { Burn } from '../../domain/money/burn.ts';

export function burnFields(burn: Burn): { label: string; value: string }[] {
  const { days, grossMicros, netMicros, leftMicros, leftOf, runwayDays } = burn;
  const net = netMicros > 0n ? `${formatUsd(netMicros)} more than came in` : `${formatUsd(-netMicros)} less than came in`;
  return [
    {
      label: 'Burn',
      value:
        days === 0
          ? '$0.00 a day: there is no whole day with an entry yet'
          : `${formatUsd(grossMicros)} a day over ${days} whole days, ${net}`,
    },
    {
      label: 'Runway',
      value:
        runwayDays === null
          ? `no end: nothing burns; ${formatUsd(leftMicros)} left of ${leftOf}`
          : `${runwayDays} days at that burn, for the ${formatUsd(leftMicros)} left of ${leftOf}`,
    },
  ];
}
