<?php

// What a user has decided on the values that wait: by the form, or by the rules while nobody has decided.

declare(strict_types=1);

namespace App\Study;

use App\Web\Denied;
use App\Web\Http;
use FhirEhr\StagedRow;

final class Decisions
{
    /** One or more values, each named by StagedRow::$decision. */
    private const NAMES = '[\w~.-]{1,200}(?: [\w~.-]{1,200})*';

    /**
     * @param list<string> $accept
     * @param list<string> $reject
     */
    private function __construct(
        public readonly array $accept,
        public readonly array $reject,
    ) {}

    /**
     * Marks what the rules mark, in each place one value at most.
     *
     * @param list<Place> $places
     */
    public static function preselected(array $places): self
    {
        $accept = [];
        foreach ($places as $place) {
            foreach ($place->choices() as $rows) {
                $marked = array_filter($rows, static fn(StagedRow $row): bool => $row->preselected);
                $accept = [...$accept, ...array_slice(array_column($marked, 'decision'), 0, 1)];
            }
        }
        return new self($accept, []);
    }

    /**
     * Reads the form: decision[N] is "later", "accept:VALUE" or "reject:VALUES", others[N] "VALUES" of which those that
     * were not accepted are rejected. So the form itself names each value that was seen; what came since is left alone.
     */
    public static function posted(): self
    {
        $others = Http::parameters('others');
        [$accept, $reject] = [[], []];
        foreach (array_diff(Http::parameters('decision'), ['later']) as $number => $decision) {
            if (preg_match('/^(accept|reject):(' . self::NAMES . ')$/D', $decision, $parts) !== 1) {
                throw new Denied(400, 'Not understood', 'This form is not one of ours. Nothing was saved.');
            }
            $named = explode(' ', $parts[2]);
            if ($parts[1] === 'accept') {
                array_push($accept, ...$named);
                $named = array_diff(explode(' ', $others[$number] ?? ''), ['', ...$named]);
            }
            array_push($reject, ...array_values($named));
        }
        return new self($accept, $reject);
    }

    public function on(StagedRow $row): string
    {
        return match (true) {
            in_array($row->decision, $this->accept, true) => 'accepted',
            in_array($row->decision, $this->reject, true) => 'rejected',
            default => 'later',
        };
    }
}
